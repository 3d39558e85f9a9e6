#!/bin/sh
# Installs what the tests want beside Go and git, where it can be had, and says
# in one line what can't. Nothing here fails: a test without its tool skips.
set -u
cd "$(dirname "$0")/../.." || exit 1

have_postgres() {
	command -v initdb >/dev/null 2>&1 || ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1
}

if ! have_postgres && [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
	echo "installing PostgreSQL for the tests"
	{ apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends postgresql; } >/dev/null 2>&1
fi
have_postgres || echo "SKIP: no PostgreSQL here, so its tests are skipped (install the package postgresql)"

# GitHub's description of its API and its examples of webhooks, pinned. They
# stay in .cache: nothing of theirs is part of Slipway.
openapi=23.0.2
examples=7.6.1
dir=.cache/npm
if [ ! -f "$dir/$openapi-$examples" ]; then
	if command -v npm >/dev/null 2>&1; then
		echo "fetching GitHub's API description for the tests"
		mkdir -p "$dir"
		npm install --silent --no-audit --no-fund --ignore-scripts --no-save --prefix "$dir" \
			"@octokit/openapi@$openapi" "@octokit/webhooks-examples@$examples" >/dev/null 2>&1 &&
			find "$dir" -path '*/@octokit/openapi/generated/*' ! -name api.github.com.json -name '*.json' -delete &&
			touch "$dir/$openapi-$examples"
	fi
fi
[ -f "$dir/$openapi-$examples" ] ||
	echo "SKIP: no description of GitHub's API here, so checks against it are skipped (needs npm and its registry)"
exit 0
