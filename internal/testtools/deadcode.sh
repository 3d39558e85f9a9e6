#!/bin/sh
# Names every function that nothing reaches, and every one of the program that
# only tests reach, and fails if there is one. `make vet` runs it.
set -eu
cd "$(dirname "$0")/../.."

# What tests and measurements are made of is reached from them.
kit='^internal/(sandbox|bench|schema|golden|laws|store/storetest|git/gittest)/'
# What docs and schemas are made of: internal/laws compares them with the code.
docs='unreachable func: (DescribePolicy|Keys|CheckExamples|Memos)$'

nowhere=$(go tool deadcode -test ./...)
program=$(go tool deadcode ./cmd/...)
dead=$(printf '%s\n' "$nowhere"; printf '%s\n' "$program" | grep -Ev "$kit|$docs" || true)
[ -z "$dead" ] || { printf 'reached by nothing, or by tests alone:\n%s\n' "$dead"; exit 1; }
