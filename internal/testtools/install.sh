#!/bin/sh
# Installs what the tests want beside Go and git, where it can be had, and says
# in one line what can't. A test without its tool skips; where nothing may be
# skipped (SLIPWAY_TEST_STRICT=1, as in CI), what is missing is an error.
set -u
cd "$(dirname "$0")/../.." || exit 1
status=0

skip() {
	echo "SKIP: $1"
	[ "${SLIPWAY_TEST_STRICT:-}" != 1 ] || status=1
}

# apt installs Debian packages, twice tried, if this is a Debian and we are root.
apt() {
	[ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1 || return 0
	echo "installing $* for the tests"
	for _ in 1 2; do
		{ apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "$@"; } >/dev/null 2>&1 && return 0
	done
	return 0
}

have_compiler() { command -v "$(go env CC)" >/dev/null 2>&1; }
have_compiler || apt gcc libc6-dev
have_compiler || skip "no C compiler here, so the race detector is off (install the package gcc)"

have_postgres() {
	command -v initdb >/dev/null 2>&1 || ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1
}

have_postgres || apt postgresql
have_postgres || skip "no PostgreSQL here, so its tests are skipped (install the package postgresql)"

have_keygen() { command -v ssh-keygen >/dev/null 2>&1; }
have_keygen || apt openssh-client
have_keygen || skip "no ssh-keygen here, so signatures aren't compared with its own (install the package openssh-client)"

# GitHub's description of its API and its examples of webhooks, pinned. They
# stay in .cache: nothing of theirs is part of Slipway.
openapi=23.0.2
examples=7.6.1
permissions=2.1.0
dir=.cache/npm
stamp=$dir/$openapi-$examples-$permissions
if [ ! -f "$stamp" ]; then
	if command -v npm >/dev/null 2>&1; then
		echo "fetching GitHub's API description for the tests"
		rm -rf "$dir" # npm leaves as it is what an older version of this pruned
		mkdir -p "$dir"
		for _ in 1 2; do
			npm install --silent --no-audit --no-fund --ignore-scripts --no-save --prefix "$dir" \
				"@octokit/openapi@$openapi" "@octokit/webhooks-examples@$examples" "@octokit/app-permissions@$permissions" >/dev/null 2>&1 && break
		done
		[ -f "$dir/node_modules/@octokit/openapi/generated/api.github.com.json" ] &&
			[ -f "$dir/node_modules/@octokit/openapi/generated/ghes-3.17.json" ] &&
			[ -f "$dir/node_modules/@octokit/openapi/generated/ghes-3.19.json" ] &&
			[ -f "$dir/node_modules/@octokit/webhooks-examples/api.github.com/index.json" ] &&
			[ -f "$dir/node_modules/@octokit/app-permissions/generated/api.github.com.json" ] &&
			find "$dir" -path '*/@octokit/openapi/generated/*' -name '*.json' ! -name api.github.com.json ! -name ghes-3.17.json ! -name ghes-3.19.json -delete &&
			touch "$stamp"
	fi
fi
[ -f "$stamp" ] ||
	skip "no description of GitHub's API here, so checks against it are skipped (needs npm and its registry)"
exit "$status"
