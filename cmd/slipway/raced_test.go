//go:build race

package main

// raced is whether these tests were built with the race detector.
const raced = true
