# Slipway's make targets. `make demo` and `make test` are all a newcomer needs.
GO      ?= go
VERSION ?= $(shell git describe --tags --always --dirty 2>/dev/null)
LDFLAGS := -X main.version=$(VERSION)

.PHONY: all build demo test test-long test-hours test-tools vet bench replay fuzz golden clean

all: build

build:
	$(GO) build -trimpath -ldflags "$(LDFLAGS)" -o bin/slipway ./cmd/slipway

demo: build
	./bin/slipway demo

# The tests install what they need where they can (Debian and root for
# PostgreSQL and a C compiler, npm for GitHub's own descriptions) and say in one
# plain line what they have to skip. With SLIPWAY_TEST_STRICT=1 nothing may be.
#
# The race detector makes tests three times as slow. So `make test` has it where
# goroutines are started: in these packages, and in conversations that lead through
# all of them together; beside the rest, since neither keeps two cores busy alone. `make test-long` has it everywhere. SQLite and what it
# stands on are C turned into Go: the detector finds nothing there, and doubles the time of all that stores.
RACE = -race -gcflags=modernc.org/sqlite/lib=-race=false -gcflags=modernc.org/libc/...=-race=false -gcflags=modernc.org/memory=-race=false
RACED = ./internal/bench ./internal/ghclient ./internal/git ./internal/queue ./internal/sandbox ./internal/store
RACED_TALKS = TestFreezeAndThaw TestTroubleAtGitHub TestDoubledAndReorderedWebhooks TestFloodOfRefusals \
	TestRotatedTokenIsReplaced TestPolicyByReference TestKillAndRestart TestPickKinds TestGateFaithfulPick \
	TestNotesOfARelease TestBuildAndPublish TestWorkflowIsNeverStartedTwice TestTrackerWrittenByTwo

# Else a program that was built with the detector sleeps for a second at its end.
export GORACE = atexit_sleep_ms=0

# The tests' files lie in memory, where that is possible; what Go builds does not. They collect
# garbage less often, and more of them run at once than there are cores: they wait for processes
# and for each other. `make vet` vets.
export GOTMPDIR := $(or $(GOTMPDIR),$(TMPDIR),/tmp)
MEMORY := $(shell sh internal/testtools/memory.sh)
GOTEST = TMPDIR=$(MEMORY) GOGC=400 $(GO) test -vet=off -parallel 8 -timeout 60m
empty :=
talks := $(subst $(empty) $(empty),|,$(strip $(RACED_TALKS)))

test: test-tools
	@if command -v "$$($(GO) env CC)" >/dev/null 2>&1; then set -x; \
		{ $(GOTEST) $(RACE) $(RACED) && $(GOTEST) $(RACE) -run '^($(talks))$$' ./cmd/slipway; } & raced=$$!; \
		$(GOTEST) -skip '^($(talks))$$' $$($(GO) list ./... | grep -vxF "$$($(GO) list $(RACED))"); rest=$$?; \
		wait $$raced && exit $$rest; \
	else set -x; $(GOTEST) ./...; fi

# The rest: everything with the race detector, whole releases killed at every single
# write (by a program without it), the conversations at odd hours, and fuzzing.
# The hours, each on a machine of another zone: after midnight on a leap day, before
# five, noon, before a new year, and before the clocks change in America and in
# Europe, forward and back.
HOURS = 2028-02-29T00:30:00Z@Asia/Kathmandu 2027-06-15T04:59:00Z@Pacific/Kiritimati \
	2027-06-15T12:00:00Z@America/St_Johns 2027-12-31T23:59:00Z@Pacific/Pago_Pago \
	2027-03-14T09:59:00Z@America/Los_Angeles 2027-11-07T08:59:00Z@America/Los_Angeles \
	2027-03-28T00:59:00Z@Europe/Berlin 2027-10-31T00:59:00Z@Europe/Berlin

test-long: test-tools test-hours
	SLIPWAY_TEST_LONG=1 $(GO) test $(RACE) -parallel 4 -timeout 4h -skip TestWholeRelease ./...
	SLIPWAY_TEST_LONG=1 $(GO) test -parallel 4 -timeout 8h -run TestWholeRelease ./cmd/slipway
	$(MAKE) fuzz FUZZTIME=10m

test-hours: test-tools
	@for at in $(HOURS); do echo "at $$at"; \
		SLIPWAY_TEST_NOW=$${at%@*} TZ=$${at#*@} $(GOTEST) -skip TestWholeRelease ./cmd/slipway || exit 1; done

test-tools:
	@sh internal/testtools/install.sh

vet:
	$(GO) vet ./...
	$(GO) tool staticcheck ./...
	@echo "deadcode ./..."; sh internal/testtools/deadcode.sh

bench: build
	$(GO) build -o bin/slipway-bench ./cmd/slipway-bench
	./bin/slipway-bench bin/slipway
	./bin/slipway-bench notes bin/slipway
	@if [ -n "$$SLIPWAY_BENCH_ISTIO" ] && [ -n "$$SLIPWAY_BENCH_SAMPLE" ]; then \
		./bin/slipway-bench pick && ./bin/slipway-bench provenance; \
	else echo "Cherry-picks and provenance are not measured: that needs SLIPWAY_BENCH_ISTIO, a bare clone of istio/istio, and SLIPWAY_BENCH_SAMPLE, a table of its picks."; fi

# The past of Istio's release branches, of its bare clones, with its policy, played to Slipway: docs/replay.md.
# Interrupted, it goes on where it was.
REPLAY_BRANCHES ?= release-1.29 release-1.30 release-1.31
replay: build
	@if [ -z "$$SLIPWAY_REPLAY_ISTIO" ] || [ -z "$$SLIPWAY_REPLAY_BUILDER" ]; then \
		echo "That needs SLIPWAY_REPLAY_ISTIO and SLIPWAY_REPLAY_BUILDER, bare clones of istio/istio and istio/release-builder;"; \
		echo "and takes SLIPWAY_REPLAY_COMMON, one of istio/common-files."; exit 1; fi
	GOGC=400 ./bin/slipway replay --clone istio/istio="$$SLIPWAY_REPLAY_ISTIO" --clone istio/release-builder="$$SLIPWAY_REPLAY_BUILDER" \
		$${SLIPWAY_REPLAY_COMMON:+--clone istio/common-files="$$SLIPWAY_REPLAY_COMMON"} \
		--policy config/istio/slipway.yml --source-branch master $(addprefix --branch ,$(REPLAY_BRANCHES)) --state .cache/replay --html replay.html

FUZZTIME ?= 30s
fuzz:
	$(GO) test -run '^$$' -fuzz FuzzParse -fuzztime $(FUZZTIME) ./internal/command
	$(GO) test -run '^$$' -fuzz FuzzCost -fuzztime $(FUZZTIME) ./internal/command
	$(GO) test -run '^$$' -fuzz FuzzWebhook -fuzztime $(FUZZTIME) ./internal/webhook
	$(GO) test -run '^$$' -fuzz FuzzPolicy -fuzztime $(FUZZTIME) ./config
	$(GO) test -run '^$$' -fuzz FuzzSettings -fuzztime $(FUZZTIME) ./config
	$(GO) test -run '^$$' -fuzz FuzzMeets -fuzztime $(FUZZTIME) ./internal/release
	$(GO) test -run '^$$' -fuzz FuzzRead -fuzztime $(FUZZTIME) ./internal/notes
	$(GO) test -run '^$$' -fuzz FuzzLay -fuzztime $(FUZZTIME) ./internal/effect

# Writes the golden files anew, for a change of wording that is meant: those of every
# package whose tests have some.
golden:
	$(GO) test $$(grep -rl --include='*_test.go' '"github.com/istio-ecosystem/slipway/internal/golden"' . | xargs -n 1 dirname | sort -u) -update

clean:
	rm -rf bin .cache
