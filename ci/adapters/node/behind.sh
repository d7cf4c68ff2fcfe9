#!/bin/bash
# Starts a front end with http.js behind it: behind.sh SOCKET COMMAND…
#
# It becomes COMMAND, which sends on to SOCKET. http.js leaves with it.
set -euo pipefail
socket=$1
shift
node "$(dirname "$0")/http.js" "$socket" &
for _ in $(seq 200); do
	[ ! -S "$socket" ] || break
	sleep 0.05
done
chmod 666 "$socket" # for front ends that give up their privileges
exec "$@"
