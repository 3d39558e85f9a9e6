package laws

import (
	"go/ast"
	"go/token"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/istio-ecosystem/slipway/config"
	"github.com/istio-ecosystem/slipway/handlers"
)

// A policy speaks for its own repository. These tables say of everything that may go
// beyond it whose right it rests on and what is told where; each is held to the code, so
// that what is new has to have its row.

// The rights, as docs/trust.md explains them.
const (
	readRight  = "reach"
	homeRight  = "home"
	actRight   = "act"
	orderRight = "order"
	nobodys    = "its own"
	byItself   = "none: nothing is read or written there"
	throughOur = "its own, and by *act* another one"
)

// settingRights are the keys of a policy that name repositories, with the right that each
// name rests on.
var settingRights = map[string]string{
	"extends":                                   "the file is in a repository of the same owner that is no more private, or is the owner's policy",
	"checklist.blockers.repositories":           readRight,
	"checklist.home":                            homeRight,
	"checklist.repositories":                    readRight,
	"checklist.templates.steps.action.in":       actRight,
	"checklist.templates.steps.probe.in":        readRight,
	"checklist.templates.steps.trap.repository": homeRight + ", asked by the repository in which the trap is",
	"release.traps.repository":                  nobodys + ": the trap counts where the policy is in force",
	"release.triggers.repository":               actRight + " to start something, *reach* to follow it",
	"release.triggers.tags_in":                  readRight,
	"releasenotes.release.repositories":         readRight,
	"releasenotes.release.repository":           actRight,
	"releasenotes.schema.issues_of":             byItself + "; it is the text of a link",
	"repositories":                              byItself + "; the policy is in force there anyway",
}

var namesRepository = regexp.MustCompile(`(^|[._])(repositor(y|ies)|repos?|home|issues_of|extends)$`)

// TestSettingsThatNameRepositories holds the table to what a policy may hold.
func TestSettingsThatNameRepositories(t *testing.T) {
	rows, seen := [][]string{{"Key of the policy", "Right"}}, map[string]bool{}
	var walk func(string, config.Shape)
	walk = func(name string, s config.Shape) {
		form := s.Form != nil && slices.Contains([]string{config.RepoName("").Form().Name, config.Reference{}.Form().Name}, s.Form.Name)
		if form || s.Kind == config.Text && namesRepository.MatchString(name) {
			seen[name] = true
			if settingRights[name] == "" {
				t.Errorf("%s names a repository, and no right to it is told (settingRights)", name)
			}
		}
		for _, k := range s.Keys {
			walk(strings.TrimPrefix(name+"."+k.Name, "."), k.Shape)
		}
		if s.Items != nil {
			walk(name, *s.Items)
		}
	}
	walk("", config.DescribePolicy(handlers.Sections()...))
	for _, name := range sortedKeys(settingRights) {
		if !seen[name] {
			t.Errorf("no policy has the key %s", name)
		}
		rows = append(rows, []string{"`" + name + "`", settingRights[name]})
	}
	checkTable(t, "docs/trust.md", "settings that name repositories", rows)
}

// effectRights are all effects, with the repositories in which each may be carried out.
var effectRights = map[string]string{
	"AutoMerge":     nobodys,
	"CheckRun":      nobodys,
	"Comment":       nobodys,
	"Dispatch":      throughOur + ", for the workflow; its note stands at home",
	"DropThrowaway": nobodys,
	"Extras":        nobodys,
	"Files":         throughOur,
	"Issue":         nobodys + ", and by *order* another one",
	"IssueState":    nobodys,
	"Labels":        nobodys,
	"MilestoneDue":  nobodys,
	"NewBranch":     throughOur,
	"NewLabel":      throughOur,
	"NewMilestone":  throughOur,
	"NoBranch":      nobodys,
	"Pick":          nobodys,
	"PullRequest":   throughOur,
	"Ready":         nobodys,
	"Section":       nobodys,
	"SharedIssue":   nobodys,
	"Unlabel":       nobodys,
}

// TestEffectsAndTheirRights holds the table to the effects that there are.
func TestEffectsAndTheirRights(t *testing.T) {
	rows := [][]string{{"Effect", "In which repository"}}
	var have []string
	sources(t, func(name string, _ *token.FileSet, file *ast.File) {
		if path.Dir(name) != "internal/effect" {
			return
		}
		for _, d := range file.Decls {
			if f, is := d.(*ast.FuncDecl); is && f.Name.Name == "sealed" && f.Recv != nil {
				have = append(have, lastName(f.Recv.List[0].Type))
			}
		}
	})
	slices.Sort(have)
	if diff := cmp.Diff(sortedKeys(effectRights), have); diff != "" {
		t.Errorf("the effects, and those of whose right is told (-told +are):\n%s", diff)
	}
	for _, name := range sortedKeys(effectRights) {
		rows = append(rows, []string{"`" + name + "`", effectRights[name]})
	}
	checkTable(t, "docs/trust.md", "effects", rows)
}

// crossing is a place in the code that looks at another repository, or acts there.
type crossing struct{ what, right, told string }

// crossings are all of them, by package and function.
var crossings = map[string]crossing{
	"build.mayStart":                     {"which pull requests are open where the trigger files are", readRight, "nowhere: they are looked at again"},
	"build.observeAsk":                   {"the trigger files, their history and open proposals, who has to approve", actRight, "the answer, on the tracking issue"},
	"build.observeFollowed":              {"whether a tag is there", readRight, "the comment that follows a version, on the tracking issue"},
	"build.observeVersions":              {"builds and publishes, whose merge started them, and what is reported on them", readRight, "the comment that follows a version, on the tracking issue"},
	"build.tagged":                       {"whether a version has a tag", readRight, "the check of a change of a trigger file"},
	"build.run":                          {"a proposal of a build or a publish, or the start of a workflow", actRight, "there: the version, who asked, and the tracking issue unless that is more private; here: the answer"},
	"checklist.Blockers":                 {"the blockers of a release", homeRight, "the check `slipway/release`: how many; their numbers and titles, who took one off and what fixes it unless home is more private"},
	"checklist.BlockersHere":             {"whether the home's policy says that blockers are here", homeRight, "nowhere: publishes are looked at again"},
	"checklist.Calendar":                 {"the dates of releases", homeRight, "checks and freezes: days and phases; title and link of the tracking issue unless home is more private"},
	"checklist.TrapPlaces":               {"which repositories agree, to have them look at themselves when a step was ticked", "agreement, whoever may see them", "nowhere"},
	"checklist.observeMoved":             {"which repositories agree, to have them look at themselves when dates have moved", "agreement, whoever may see them", "nowhere"},
	"checklist.Traps":                    {"how far a release has come", homeRight, "the check `slipway/release` and its comment: that it is a trap; the tracking issue unless home is more private"},
	"checklist.UnderWay":                 {"which releases are under way", homeRight, "nowhere where home is more private; else a link to the tracking issue"},
	"checklist.aimed":                    {"onto which branch a fix was merged, and what it is our pick of", readRight, "as `checklist.listIn`: its number, and its branch"},
	"checklist.countIn":                  {"open pull requests, labelled ones, and what they wait for", readRight, "the status of the tracking issue, and `/release status`: numbers, checks, who asked for changes"},
	"checklist.everywhere":               {"branches, tags, labels, milestones, files, releases, checks, merged pull requests", readRight, "the steps of the tracking issue: whether it is so, with a link"},
	"checklist.homeFrom":                 {"which tracking issues have to be looked at", homeRight, "nowhere"},
	"checklist.listIn":                   {"issues that are blockers, who took one off, what fixes it", readRight, "the status of the tracking issue, its comments, the check `slipway/release`: numbers, titles, names"},
	"checklist.observeEdits":             {"the files that a step changes", actRight, "the preview, on the tracking issue: the lines that change"},
	"checklist.observeIn":                {"a label, a milestone, a branch, or a pull request of a step", actRight, "there: the step; who asked and the tracking issue unless that is more private; here: the answer"},
	"checklist.onBranch":                 {"whether a fix is on the release's branch, and how far its pick is", readRight, "the same: its number, and that of its pick"},
	"freeze.orderIn":                     {"freezes, branches, dates of releases, open pull requests of a preview; a freeze's issue is opened, changed or closed", orderRight, "there: the freeze, who asked, and the reason unless here is more private; here: the answer"},
	"freeze.strayPlace":                  {"whether a word of a reason is a repository that the command could be about", orderRight, "the answer: that it looks like one"},
	"policy.governedRepos":               {"how many pull requests are governed", readRight, "the check `slipway/policy` of the owner's policy: the number for each repository"},
	"releasenotes.begin":                 {"the pull request with the notes of a release", actRight, "there: all notes, and the report on them; never where it is less private; here: the answer"},
	"releasenotes.observeOthersSettings": {"the notes of another repository, and which of its changes lack one", readRight, "the pull request with the notes"},
	"releasenotes.observePushed":         {"which pull requests with notes are open", readRight, "nowhere: they are made anew"},
}

// TestCrossingsAndTheirRights holds the table to the code: capabilities get at another
// repository by facts.Look.Elsewhere, facts.Look.Ordered and facts.Acts alone, since package facts has no other
// look at one, and package ghclient takes no request without.
func TestCrossingsAndTheirRights(t *testing.T) {
	rows := [][]string{{"In the code", "What is read or done elsewhere", "Right", "What is told, and where"}}
	have := map[string]bool{}
	inFunctions(t, func(name, in string, call *ast.SelectorExpr) {
		crosses := slices.Contains([]string{"Elsewhere", "Ordered"}, call.Sel.Name) || call.Sel.Name == "Of" && slices.Contains([]string{"Acts", "Reach"}, lastName(call.X))
		if crosses && strings.HasPrefix(name, "handlers/") {
			have[path.Base(path.Dir(name))+"."+in] = true
		}
	})
	if diff := cmp.Diff(sortedKeys(crossings), sortedKeys(have)); diff != "" {
		t.Errorf("what crosses to another repository, and what is told of it (-told +does):\n%s", diff)
	}
	for _, name := range sortedKeys(crossings) {
		c := crossings[name]
		rows = append(rows, []string{"`" + name + "`", c.what, c.right, c.told})
	}
	checkTable(t, "docs/trust.md", "crossings", rows)
}

// TestRightsAreGivenInOnePlace: what lets a run at another repository is called where the
// right is known, and nowhere else.
func TestRightsAreGivenInOnePlace(t *testing.T) {
	may := map[string][]string{
		"GrantReach":  {"internal/facts/reach.go"},
		"WithReach":   {"internal/engine/engine.go"},
		"BeforeReach": {"internal/ghclient/history.go", "internal/ghclient/policy.go", "internal/ghclient/policy_referred.go"},
	}
	have := map[string][]string{}
	inFunctions(t, func(name, _ string, call *ast.SelectorExpr) {
		what := call.Sel.Name
		if may[what] != nil && !slices.Contains(have[what], name) {
			have[what] = append(have[what], name)
		}
	})
	if diff := cmp.Diff(may, have); diff != "" {
		t.Errorf("(-may +does)\n%s", diff)
	}
}

// inFunctions calls a function for each call of a method, or of another package's
// function, with the name of the function that it is in; not for tests.
func inFunctions(t *testing.T, fn func(name, in string, call *ast.SelectorExpr)) {
	t.Helper()
	sources(t, func(name string, _ *token.FileSet, file *ast.File) {
		if strings.HasSuffix(name, "_test.go") {
			return
		}
		for _, d := range file.Decls {
			in := ""
			if f, is := d.(*ast.FuncDecl); is {
				in = f.Name.Name
			}
			ast.Inspect(d, func(node ast.Node) bool {
				if call, is := node.(*ast.CallExpr); is {
					if of, is := call.Fun.(*ast.SelectorExpr); is {
						fn(name, in, of)
					}
				}
				return true
			})
		}
	})
}

func sortedKeys[V any](m map[string]V) []string {
	var keys []string
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
