// Package notes reads release notes and renders them, without I/O.
//
// A note file is a small YAML document that a change brings with it. Read takes
// one strictly, by a Schema, and goes on after a fault, so that a finding on
// each wrong line and what can be read come out together. A Template is Markdown
// with placeholders in HTML comments; Render fills them with the notes of a
// range. Report says what a release manager should know beside.
//
// Two decisions:
//
//   - The reader has a YAML walk of its own, not config's decoder: its keys,
//     words and severities are data that a policy replaces, each finding has a
//     rule and a correction, and what can be read of a faulty file is still
//     rendered. Anchors, aliases and tags are refused by their tokens, so
//     nothing can grow.
//   - The rendered form is that of the tool that Istio uses, to the byte,
//     because projects' templates and reviews rest on it. What was wrong there
//     is right here: a doubled dash, the missing name of another repository's
//     issue, action:!X.
//
// How it is laid out:
//
//	schema.go    what may stand in a note file; Istio's is built in
//	finding.go   what is wrong, with its rule and its severity
//	yaml.go      YAML to values with lines; nothing that a note doesn't need
//	read.go      a note file: keys, kinds, areas
//	entry.go     its entries: actions, bullets, upgrade and security notes
//	place.go     which paths are notes
//	markup.go    what a text opens and has to close
//	link.go      issues and documentation
//	render.go    an entry as Markdown
//	template.go  the language of templates, and how one is filled
//	gather.go    the notes of several repositories, each once
//	fresh.go     what is new in a range, and what an earlier release had
//	ends.go      what is to be said of the ends of a range
//	changes.go   what the changes of a range say: what lacks a note, and what was taken back
//	report.go    the report beside the notes
//	report_text.go the report for people
//	html.go      Markdown as HTML
package notes
