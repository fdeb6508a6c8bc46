using System.Diagnostics;
using System.Net.Http.Json;
using Muster.BrowserTests;
using Muster.Testing;
using Muster.Testing.Agents;

[assembly: AssemblyFixture(typeof(Fleet))]

namespace Muster.BrowserTests;

/// <summary>
/// A real server with two images, one machine under the real agent and some simulated ones beside it, made once when the first test
/// asks for it. Tests share it: they may look, and break files on the machine, and leave it in sync with <see cref="NewImage"/>.
/// </summary>
public sealed class Fleet : IAsyncLifetime
{
    public const string Machine = "web-1.example.net";
    public const string OldImage = "web/2026-11-20";
    public const string NewImage = "web/2026-11-21";

    private const int Simulated = 24;
    private readonly SemaphoreSlim once = new(1);
    private readonly TemporaryFolder files = new();
    private MusterServer? server;
    private TestDisk? disk;
    private AgentProcess? agent;
    private Process? simulated;
    private MusterCommandLine? muster;

    internal MusterServer Server => server ?? throw new InvalidOperationException("EnsureAsync first");

    /// <summary>The real command line, signed in.</summary>
    internal MusterCommandLine Muster => muster ?? throw new InvalidOperationException("EnsureAsync first");

    private string Root => Path.Combine(disk!.Path, "machine");

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    internal async Task EnsureAsync()
    {
        await once.WaitAsync(Cancel);
        try
        {
            if (agent is null)
            {
                await StartAsync();
            }
        }
        finally
        {
            once.Release();
        }
    }

    /// <summary>A file of the machine, as seen from here.</summary>
    internal string PathOf(string path) => Path.Combine(Root, path.TrimStart('/'));

    public async ValueTask DisposeAsync()
    {
        if (simulated is { HasExited: false })
        {
            simulated.Kill();
            await simulated.WaitForExitAsync();
        }

        simulated?.Dispose();
        await using (agent)
        await using (disk)
        await using (server)
        {
            files.Dispose();
            once.Dispose();
        }
    }

    private async Task StartAsync()
    {
        disk = await TestDisk.StartAsync(200, Cancel);
        server = await Site.StartAsync();
        var authority = Path.Combine(files.Path, "authority.pem");
        using var nobody = server.CreateClient();
        await File.WriteAllTextAsync(authority, await nobody.GetStringAsync("/authority.pem", Cancel), Cancel);
        muster = new MusterCommandLine(server.BaseAddress, await server.MakeTokenAsync("*.*"), authority);

        var tree = Path.Combine(disk.Path, "tree");
        await Command.RunAsync("bash", "-c", $"""
            mkdir -p '{Root}' '{tree}' && cd '{tree}' && mkdir -p etc/ssh usr/bin srv
            echo 'Welcome' > etc/motd; printf '127.0.0.1 localhost\n10.0.0.1 db\n' > etc/hosts; printf 'Port 22\nPermitRootLogin no\n' > etc/ssh/sshd_config
            head -c 200000 /dev/urandom > usr/bin/tool; chmod 4755 usr/bin/tool; ln -s ../etc/motd srv/motd; touch srv/$'caf\xe9.txt'; echo root:x:0:0:root:/root:/bin/sh > etc/passwd
            """);
        await muster.AskAsync(["images", "add", OldImage, "--from", tree, "--yes"], Cancel);
        await Command.RunAsync("bash", "-c", $"cd '{tree}' && printf '127.0.0.1 localhost\\n10.0.0.2 db\\n10.0.0.3 cache\\n' > etc/hosts && touch srv/new");
        await muster.AskAsync(["images", "add", NewImage, "--from", tree, "--yes"], Cancel);

        await JoinAsync(disk);
        await muster.AskAsync(["machines", "require-image", Machine, NewImage, "--yes", "--wait"], Cancel);
        await SimulateAsync();
    }

    private async Task SimulateAsync()
    {
        var invitation = await Muster.AskAsync(["machines", "invite", "--uses", $"{Simulated}", "--yes"], Cancel);
        var start = new ProcessStartInfo(AgentProcess.Program,
        [
            "simulate", "--count", $"{Simulated}", "--drift-seconds", "1000000", "--server", Server.BaseAddress.GetLeftPart(UriPartial.Authority),
            "--pin", invitation.GetProperty("pins")[0].GetString()!, "--state", Path.Combine(files.Path, "simulated"),
        ]) { RedirectStandardOutput = true };
        start.Environment["MUSTER_JOIN"] = invitation.GetProperty("token").GetString();
        simulated = Process.Start(start)!;
        while (await simulated.StandardOutput.ReadLineAsync(Cancel) is { } line && !line.Contains("have joined", StringComparison.Ordinal))
        {
        }

        using var admin = await Server.SignInAsync();
        for (var number = 1; number <= Simulated - 2; number++)
        {
            var wish = new { machine = $"sim-{number:d4}", image = number % 4 == 0 ? OldImage : NewImage };
            (await admin.PostAsJsonAsync("/api/v1/machines/require-image", wish, Cancel)).EnsureSuccessStatusCode();
        }
    }

    private async Task JoinAsync(TestDisk disk)
    {
        var invitation = await Muster.AskAsync(["machines", "invite", "--name", Machine, "--yes"], Cancel);
        var state = Path.Combine(files.Path, "state");
        var start = new ProcessStartInfo(AgentProcess.Program, ["join", "--server", Server.BaseAddress.GetLeftPart(UriPartial.Authority), "--pin", invitation.GetProperty("pins")[0].GetString()!, "--state", state]) { RedirectStandardError = true };
        start.Environment["MUSTER_JOIN"] = invitation.GetProperty("token").GetString();
        using var join = Process.Start(start)!;
        var said = await join.StandardError.ReadToEndAsync(Cancel);
        await join.WaitForExitAsync(Cancel);
        Assert.True(join.ExitCode == 0, said);
        agent = new AgentProcess(disk.Enter, Path.Combine(disk.PathInside, "machine"), state);
        agent.Start();
    }
}
