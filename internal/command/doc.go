// Package command is what people type: the Command value that a capability
// declares, and the parser that finds commands in Markdown. It knows no
// command by name; handlers bring them, and the help is made from them.
package command
