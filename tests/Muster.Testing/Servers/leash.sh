#!/bin/bash
# Runs a program that ends with whoever started it: when standard input ends, however that comes, the program is asked to
# stop. Its exit code is ours.
exec 3<&0 </dev/null
# A signal to the whole group, such as Ctrl-C at a terminal, reaches us too; our starter decides. The program gets these signals
# itself: only what is ignored is handed down.
trap '' INT
trap : TERM HUP
"$@" 3<&- &
child=$!
{ while read -r -u 3 _; do :; done; kill -TERM "$child"; } 2>/dev/null &
watcher=$!
code=0
wait "$child" || code=$?
while kill -0 "$child" 2>/dev/null; do
  code=0
  wait "$child" || code=$?
done
kill "$watcher" 2>/dev/null
exit "$code"
