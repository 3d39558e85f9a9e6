// Package github holds the nouns of GitHub as Slipway thinks of them: a
// repository, a pull request, an issue, an event. They are plain values on the
// lowest floor; package ghclient fills them from REST and package webhook from
// payloads, so that nothing above ever sees a wire format.
package github
