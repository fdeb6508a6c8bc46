#!/bin/sh
# Joins this host to @SERVER@ as a machine: fetches the agent, proves the invitation, starts.
# The token is in the environment variable MUSTER_JOIN; the server is believed by its pinned keys and nothing else.
set -eu
server='@SERVER@'
pins='@PINS@'
say() { printf 'muster: %s\n' "$*" >&2; }
fail() { say "$*"; exit 1; }

[ "$(id -u)" = 0 ] || fail "this must run as root"
[ -n "${MUSTER_JOIN:-}" ] || fail "the token is missing: the join line sets MUSTER_JOIN for sh"
[ "$(uname -sm)" = "Linux x86_64" ] || fail "there is no agent for $(uname -sm) in this release"
for program in curl tar gzip; do command -v "$program" >/dev/null || fail "$program is missing; install it and run the line again"; done

umask 022
folder=/usr/lib/muster-agent
mkdir -p "$folder"
new=$(mktemp -d "$folder/.new.XXXXXX")
trap 'rm -rf "$new"' EXIT
say "fetching the agent from $server"
curl -fsSk --pinnedpubkey "$pins" -o "$new/agent.tar.gz" "$server/join/agent.tar.gz"
mkdir "$new/agent"
tar -xzf "$new/agent.tar.gz" -C "$new/agent" --no-same-owner
version=$(readlink "$new/agent/current")
rm -rf "${folder:?}/$version"
mv "$new/agent/$version" "$folder/$version"
ln -sfn "$version" "$folder/current"

"$folder/current/muster-agent" join --server "$server" @PIN_ARGUMENTS@

if [ -d /run/systemd/system ]; then
  cp "$folder/current/muster-agent.service" /etc/systemd/system/muster-agent.service
  systemctl daemon-reload
  systemctl enable --quiet --now muster-agent.service
  say "started as muster-agent.service"
else
  say "no systemd here: start it as root with $folder/current/muster-agent run"
fi
