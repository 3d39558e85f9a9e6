#!/bin/sh
# Prints a directory in memory for the tests' files, where there is one that has room
# and runs programs; else what TMPDIR says. A third of the conversations' time goes into
# files that nobody reads again.
dir=/dev/shm
kib=$(df -Pk $dir 2>/dev/null | awk 'NR == 2 { print $4 }')
if [ "${kib:-0}" -ge 4000000 ] && probe=$(mktemp $dir/slipway-XXXXXX 2>/dev/null); then
	printf '#!/bin/sh\n' >"$probe" && chmod u+x "$probe" && "$probe" 2>/dev/null && TMPDIR=$dir
	rm -f "$probe"
fi
echo "${TMPDIR:-/tmp}"
