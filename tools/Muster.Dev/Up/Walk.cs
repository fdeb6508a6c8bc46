using System.Diagnostics;
using System.Text.Json;
using Muster.Testing;

namespace Muster.Dev;

/// <summary>The main job, by the same commands an operator types.</summary>
internal sealed class Walk(LocalInstallation installation, FirstMachine machine)
{
    private const string Image = "demo/web/1";

    // What belongs to a machine and not to its image.
    private const string Filter = """
        ignore /tmp/**
        ignore /var/tmp/**
        ignore /var/log/**
        ignore /var/cache/**
        ignore /root/**
        ignore /etc/hostname
        ignore /etc/machine-id
        ignore /etc/resolv.conf

        """;

    private readonly MusterCommandLine _muster = installation.Muster;

    public async Task ThroughTheMainJobAsync(CancellationToken cancellationToken)
    {
        if ((await _muster.TryAsync(["images", "show", Image], cancellationToken)).ExitCode != 0)
        {
            UpCommand.Say("an image, from a real root");
            await using var source = await MakeSourceAsync(cancellationToken);
            var filter = Path.Combine(installation.Data, "demo.filter");
            await File.WriteAllTextAsync(filter, Filter, cancellationToken);
            await RunAsync(["images", "add", Image, "--from", source.Root, "--filter", filter, "--yes"], cancellationToken);
        }

        UpCommand.Say("the machine must be like it");
        await RunAsync(["machines", "require-image", FirstMachine.Name, Image, "--yes", "--wait"], cancellationToken);
        await RunAsync(["machines", "show", FirstMachine.Name], cancellationToken);
    }

    public void InviteToBreakAFile() => Console.WriteLine($"""

        Now break something on the machine, for example:

          echo broken | {(Environment.GetEnvironmentVariable("SUDO_UID") is null ? "" : "sudo ")}tee {Path.GetRelativePath(Environment.CurrentDirectory, machine.Link)}/etc/motd

        and look here, or at {installation.Server.Address}machines/{FirstMachine.Name}. Ctrl-C stops everything.

        """);

    /// <summary>Tells each drift as it is put right, until somebody stops it.</summary>
    public async Task WatchAsync(CancellationToken cancellationToken)
    {
        var known = (await DriftsAsync(cancellationToken)).Select(Id).ToHashSet();
        using var again = new PeriodicTimer(TimeSpan.FromMilliseconds(500));
        while (await again.WaitForNextTickAsync(cancellationToken))
        {
            foreach (var drift in (await DriftsAsync(cancellationToken)).Reverse().Where(drift => known.Add(Id(drift))))
            {
                Tell(drift);
            }
        }
    }

    /// <summary>Breaks a file itself and waits until it is right again: what a newcomer would do, for tests.</summary>
    public async Task BreakAFileAsync(CancellationToken cancellationToken)
    {
        var file = $"{machine.Link}/etc/motd";
        var right = await File.ReadAllTextAsync(file, cancellationToken);
        var known = (await DriftsAsync(cancellationToken)).Select(Id).ToHashSet();
        UpCommand.Say("breaking /etc/motd");
        await Command.RunAsync("sh", ["-c", "echo broken >\"$0\"", file], cancellationToken);
        using var again = new PeriodicTimer(TimeSpan.FromMilliseconds(200));
        while (await again.WaitForNextTickAsync(cancellationToken))
        {
            if ((await DriftsAsync(cancellationToken)).FirstOrDefault(drift => !known.Contains(Id(drift))) is { ValueKind: JsonValueKind.Object } drift)
            {
                Tell(drift);
                if (await File.ReadAllTextAsync(file, cancellationToken) != right)
                {
                    throw new DevException("/etc/motd is not what it was");
                }

                return;
            }
        }
    }

    // The same Debian with what a web server would have, so that there is something to become.
    private async Task<TestMachine> MakeSourceAsync(CancellationToken cancellationToken)
    {
        var source = await TestMachine.StartAsync(DebianRoot.SmallPackages, Path.Combine(installation.Data, "machines", "source"), cancellationToken);
        await source.RunAsync(
            [
                "sh", "-euc", """
                echo "This machine is kept by Muster." >/etc/motd
                mkdir -p /srv/www/pages
                seq 1000 | while read -r page; do echo "<h1>$page</h1>" >"/srv/www/pages/$page.html"; done
                ln -sfn pages/1.html /srv/www/index.html
                groupadd --force --system --gid 900 web
                chown -R 0:900 /srv/www && chmod -R g+rX,o= /srv/www
                setfacl -m u:33:rx /srv/www
                cp /bin/true /usr/local/bin/serve && setcap cap_net_bind_service=ep /usr/local/bin/serve
                rm -rf /usr/share/man /usr/games
                """,
            ],
            cancellationToken);
        return source;
    }

    private async Task RunAsync(IReadOnlyList<string> arguments, CancellationToken cancellationToken)
    {
        Console.WriteLine($"$ muster {string.Join(' ', arguments)}");
        var took = Stopwatch.StartNew();
        var code = await _muster.ShowAsync(arguments, cancellationToken);
        if (code != 0)
        {
            throw new DevException($"muster {arguments[0]} {arguments[1]} ended with {code}; {installation.Data}/server.log and agent.log know more");
        }

        Console.WriteLine($"  ({took.Elapsed.TotalSeconds:F1} s)\n");
    }

    private async Task<IReadOnlyList<JsonElement>> DriftsAsync(CancellationToken cancellationToken) =>
        [.. (await installation.Api.GetAsync($"/api/v1/machines/drift?machine={FirstMachine.Name}", cancellationToken)).GetProperty("items").EnumerateArray()];

    private static string Id(JsonElement drift) => drift.GetProperty("id").GetString()!;

    private static void Tell(JsonElement drift) => Console.WriteLine(drift.GetProperty("sentence").GetString());
}
