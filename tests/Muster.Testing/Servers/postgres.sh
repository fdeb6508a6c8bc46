#!/bin/bash
# A PostgreSQL of a test's own, in FOLDER, on a socket there and on loopback PORT. TERM stops it at once and in order.
#
#   postgres.sh FOLDER PORT [SETTING=VALUE]...
#
# PostgreSQL refuses to run as root; started by root it becomes "postgres".
set -eu
folder=$1 port=$2
shift 2
bin=$(ls -d /usr/lib/postgresql/*/bin | sort -V | tail -n 1)
as_server() { if [ "$(id -u)" = 0 ]; then setpriv --reuid=postgres --regid=postgres --init-groups -- "$@"; else "$@"; fi; }

cd "$folder"
if [ ! -e data ]; then
  mkdir data
  chmod 700 data
  [ "$(id -u)" != 0 ] || chown postgres: . data
  echo a-test-password >password
  export HOME=$folder LC_ALL=C.UTF-8
  as_server "$bin/initdb" -D data -U muster --auth-local=trust --auth-host=scram-sha-256 --pwfile=password --encoding=UTF8 --locale=C.UTF-8 >/dev/null
fi
settings=()
for setting in "$@"; do settings+=(-c "$setting"); done
as_server "$bin/postgres" -D data -p "$port" -c listen_addresses=127.0.0.1 -c unix_socket_directories="$folder" -c max_connections=600 "${settings[@]}" &
child=$!
trap 'kill -INT $child 2>/dev/null' TERM INT
# The trap ends the first wait, the server the second.
wait $child || wait $child
