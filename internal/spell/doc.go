// Package spell finds what somebody probably meant: the policy's keys and the
// commands that people mistype have one idea of a slip.
package spell
