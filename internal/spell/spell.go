package spell

// Far is the distance of words that have nothing to do with each other.
const Far = 1 << 10

// maxWord is the longest word, in runes, that is compared at all.
const maxWord = 64

// Distance counts the slips between two words (Damerau's: a letter wrong,
// missing, too many, or two neighbours swapped). Above limit it is Far.
func Distance(a, b string, limit int) int {
	x, y := []rune(a), []rune(b)
	if len(x) > maxWord || len(y) > maxWord || len(x)-len(y) > limit || len(y)-len(x) > limit {
		return Far
	}
	rows := make([][]int, len(x)+1)
	for i := range rows {
		rows[i] = make([]int, len(y)+1)
		rows[i][0] = i
	}
	for j := range rows[0] {
		rows[0][j] = j
	}
	for i := 1; i <= len(x); i++ {
		for j := 1; j <= len(y); j++ {
			rows[i][j] = step(rows, x, y, i, j)
		}
	}
	if d := rows[len(x)][len(y)]; d <= limit {
		return d
	}
	return Far
}

func step(rows [][]int, x, y []rune, i, j int) int {
	wrong := 1
	if x[i-1] == y[j-1] {
		wrong = 0
	}
	d := min(rows[i-1][j]+1, rows[i][j-1]+1, rows[i-1][j-1]+wrong)
	if i > 1 && j > 1 && x[i-1] == y[j-2] && x[i-2] == y[j-1] {
		d = min(d, rows[i-2][j-2]+1)
	}
	return d
}
