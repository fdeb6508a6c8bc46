#!/bin/bash
# Runs a program that ends with whoever started it: when standard input ends, however that comes, the program is asked to
# stop. Its exit code is ours.
exec 3<&0 </dev/null
# Ctrl-C at a terminal reaches us too; our starter decides.
trap '' INT
"$@" 3<&- &
child=$!
{ while read -r -u 3 _; do :; done; kill -TERM "$child"; } 2>/dev/null &
watcher=$!
wait "$child"
code=$?
kill "$watcher" 2>/dev/null
exit "$code"
