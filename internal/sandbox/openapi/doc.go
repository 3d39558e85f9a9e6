// Package openapi holds the sandbox and the bot to GitHub's own description of its REST API: every request and every
// answer that passes through a handler is validated against the official OpenAPI document. It is for tests only.
//
// The document is 13 MB, so it is read once per test binary, and only the operations that are used get compiled.
package openapi
