package effect

// State is the outcome of a gate.
type State string

// The outcomes. Wait and Block both hold a merge back: Wait says that Slipway
// does not know yet, Block that it knows.
const (
	Pass    State = "pass"
	Wait    State = "wait"
	Block   State = "block"
	Neutral State = "neutral"
)

// Verdict is a gate's outcome with its explanation. Title is one line; Detail
// is Markdown and says why and what to do next.
type Verdict struct {
	State  State
	Title  string
	Detail string
}
