#!/bin/bash
# A PostgreSQL of its own in FOLDER, for user and database "muster", on loopback PORT with the password in FOLDER/password. TERM
# stops it at once and in order; started again it goes on with what it had.
#
#   postgres.sh FOLDER PORT [SETTING=VALUE]...
set -eu
folder=$(realpath "$1") port=$2
shift 2
bin=$(ls -d /usr/lib/postgresql/*/bin | sort -V | tail -n 1)
place=$folder
as_server=()
if [ "$(id -u)" = 0 ]; then
  # PostgreSQL refuses to run as root, and its user may not reach the folder, which may be in root's home. So that user sees it
  # where Debian keeps clusters.
  place=/var/lib/postgresql
  as_server=(unshare --mount --propagation private -- sh -c 'mount --bind "$0" "$1" && cd "$1" && shift && exec setpriv --reuid=postgres --regid=postgres --init-groups -- "$@"' "$folder" "$place")
  chown postgres: "$folder"
fi

chmod 700 "$folder"
cd "$folder"
export HOME=$place LC_ALL=C.UTF-8
if [ ! -e complete ]; then
  rm -rf data
  [ -e password ] || (umask 077 && head -c 24 /dev/urandom | base64 >password)
  [ "$(id -u)" != 0 ] || chown postgres: password
  "${as_server[@]}" "$bin/initdb" -D "$place/data" -U muster --auth-local=trust --auth-host=scram-sha-256 --pwfile="$place/password" --encoding=UTF8 --locale=C.UTF-8 >/dev/null
  echo 'CREATE DATABASE muster;' | "${as_server[@]}" "$bin/postgres" --single -D "$place/data" postgres >/dev/null
  touch complete
fi
settings=()
for setting in "$@"; do settings+=(-c "$setting"); done
# In a session of its own: Ctrl-C at a terminal is for whoever started us, who stops what uses the database first.
setsid -- "${as_server[@]}" "$bin/postgres" -D "$place/data" -p "$port" -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c max_connections=600 "${settings[@]}" &
child=$!
trap 'kill -INT $child 2>/dev/null' TERM INT
# The trap ends the first wait, the server the second.
wait $child || wait $child
