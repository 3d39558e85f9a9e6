// Package provenance has the nouns of a question and its answer: does a change
// on a release branch come from something that was merged on the source branch,
// and where does it differ from that? It is values and text, without I/O; the
// answer is found by internal/git.
//
//	finding.go  Claim, Finding, Difference, Moved: the answer
//	question.go Question: what is asked about one pull request
//	mention.go  what people's words name as a change's source
//	title.go    titles as they can be compared
package provenance
