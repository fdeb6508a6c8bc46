namespace Muster.Server.Machines;

/// <summary>The script behind a join line. POSIX sh, one function, so that a cut download runs nothing; the token comes in the environment and never in argv.</summary>
internal static class JoinScript
{
    private const string Template =
        """
        #!/bin/sh
        # Joins this machine to Muster at @SERVER@. Run as root with the token in MUSTER_JOIN.
        set -eu
        umask 022

        say() { printf 'muster: %s\n' "$*"; }
        fail() { printf 'muster: %s\n' "$*" >&2; exit 1; }

        main() {
            server='@SERVER@'
            pins='@CURLPINS@'
            home=/usr/lib/muster-agent

            [ "$(id -u)" = 0 ] || fail "this has to run as root: put sudo before sh ('... | sudo MUSTER_JOIN=... sh')"
            [ -n "${MUSTER_JOIN:-}" ] || fail "the token is missing: run the whole line, with MUSTER_JOIN=... before sh"
            case "$(uname -s)-$(uname -m)" in
                Linux-x86_64) ;;
                *) fail "there is an agent for Linux on x86_64 only; this is $(uname -s) on $(uname -m)" ;;
            esac
            for tool in curl tar gzip; do
                command -v "$tool" >/dev/null 2>&1 || fail "$tool is missing: install it and run the line again"
            done

            work=$(mktemp -d) || fail "cannot make a temporary folder"
            trap 'rm -rf "$work"' EXIT
            trap 'exit 1' HUP INT TERM

            say "fetching the agent from $server"
            curl -fsSk --pinnedpubkey "$pins" -o "$work/agent.tar.gz" "$server/join/agent.tar.gz" ||
                fail "cannot fetch the agent from $server (curl ended with $?; 90 means that the server is not the one that made this line)"
            mkdir "$work/agent"
            tar -xzf "$work/agent.tar.gz" -C "$work/agent" --no-same-owner || fail "what $server sent is not a whole archive; run the line again"
            version=$(readlink "$work/agent/current") || fail "the agent's archive has no current version"
            case "$version" in
                ''|.*|*/*) fail "the agent's archive names a strange version" ;;
            esac
            [ -x "$work/agent/$version/muster-agent" ] || fail "the agent's archive has no program"

            say "installing agent $version to $home"
            mkdir -p "$home" || fail "cannot write to $home"
            rm -rf "$home/.new-$version"
            cp -R "$work/agent/$version" "$home/.new-$version" || fail "no room in $home"
            rm -rf "$home/$version"
            mv "$home/.new-$version" "$home/$version"
            ln -sfn "$version" "$home/.current"
            mv -T "$home/.current" "$home/current"

            export DOTNET_EnableDiagnostics=0
            "$home/current/muster-agent" join --server "$server" @AGENTPINS@ || fail "joining did not work; what is installed stays, run a new line"
            unset MUSTER_JOIN

            if [ -d /run/systemd/system ]; then
                cp "$home/current/muster-agent.service" /etc/systemd/system/ || fail "the agent's archive has no unit"
                systemctl daemon-reload
                systemctl enable --quiet muster-agent.service
                systemctl restart muster-agent.service || fail "the agent does not start: see journalctl -u muster-agent"
                say "joined; the agent runs (systemctl status muster-agent)"
            else
                say "joined. There is no systemd here: start the agent with $home/current/muster-agent run"
            fi
        }

        main

        """;

    public static string For(string server, IReadOnlyList<string> pins) => Template
        .Replace("@SERVER@", server, StringComparison.Ordinal)
        .Replace("@CURLPINS@", string.Join(';', pins.Select(pin => "sha256//" + pin)), StringComparison.Ordinal)
        .Replace("@AGENTPINS@", string.Join(' ', pins.Select(pin => $"--pin 'sha256//{pin}'")), StringComparison.Ordinal);
}
