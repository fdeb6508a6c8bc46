using System.Diagnostics;
using System.Net.Http.Json;
using Muster.BrowserTests;
using Muster.Testing;
using Muster.Testing.Agents;

[assembly: AssemblyFixture(typeof(Fleet))]

namespace Muster.BrowserTests;

/// <summary>
/// A real server with two images of a real Debian root, one machine under the real agent and some simulated ones beside it, made once
/// when the first test asks for it. The classes of the collection <see cref="Name"/> share it, one after the other: they may look, and
/// break files on the machine, and leave it in sync with <see cref="NewImage"/>.
/// </summary>
public sealed class Fleet : IAsyncLifetime
{
    /// <summary>Of the collection whose classes use it.</summary>
    public const string Name = "fleet";

    public const string Machine = "web-1.example.net";
    public const string OldImage = "web/2026-11-20";
    public const string NewImage = "web/2026-11-21";

    /// <summary>Simulated; nothing is wanted of it.</summary>
    public const string Idle = "web-11.example.net";

    private const int Simulated = 24;
    private const int DiskMebibytes = 2000;
    private readonly SemaphoreSlim once = new(1);
    private readonly TemporaryFolder files = new();
    private Task? started;
    private MusterServer? server;
    private TestDisk? disk;
    private AgentProcess? agent;
    private Process? simulated;
    private MusterCommandLine? muster;

    internal MusterServer Server => server ?? throw new InvalidOperationException("EnsureAsync first");

    /// <summary>The real command line, signed in.</summary>
    internal MusterCommandLine Muster => muster ?? throw new InvalidOperationException("EnsureAsync first");

    /// <summary>Id of the task that verified <see cref="OldImage"/>.</summary>
    internal string Verified { get; private set; } = "";

    private string Root => Path.Combine(disk!.Path, "machine");

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    /// <summary>What failed once fails for every test that needs it, at once and with the same words.</summary>
    internal async Task EnsureAsync()
    {
        await once.WaitAsync(Cancel);
        try
        {
            started ??= StartAsync();
        }
        finally
        {
            once.Release();
        }

        await started;
    }

    /// <summary>A file of the machine, as seen from here.</summary>
    internal string PathOf(string path) => Path.Combine(Root, path.TrimStart('/'));

    /// <summary>Changes a file as the person alice would, who signed in to the machine.</summary>
    internal Task ChangeAsAliceAsync(string path, string text) =>
        Command.RunAsync("bash", "-c", $"echo 1000 > /proc/self/loginuid && exec tee '{PathOf(path)}' <<< '{text}'");

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
        disk = await TestDisk.StartAsync(DiskMebibytes, Cancel);
        server = await Site.StartAsync();
        var authority = Path.Combine(files.Path, "authority.pem");
        using var nobody = server.CreateClient();
        await File.WriteAllTextAsync(authority, await nobody.GetStringAsync("/authority.pem", Cancel), Cancel);
        muster = new MusterCommandLine(server.BaseAddress, await server.MakeTokenAsync("image pipeline", ["*.*"]), authority);

        var tree = Path.Combine(disk.Path, "tree");
        var debian = await DebianRoot.EnsureAsync(DebianRoot.SmallPackages, Cancel);
        await Command.RunAsync("bash", "-c", $"""
            cp -a --reflink=auto '{debian}' '{tree}' && cd '{tree}' && mkdir -p etc/ssh etc/app
            echo 'Welcome' > etc/motd; printf '127.0.0.1 localhost\n10.0.0.1 db\n' > etc/hosts; printf 'Port 22\nPermitRootLogin no\n' > etc/ssh/sshd_config
            ln -s ../etc/motd srv/motd; touch srv/$'caf\xe9.txt'; touch etc/app/old.conf; printf 'workers 4\n' > etc/app/app.conf; echo alice:x:1000:1000::/home/alice:/bin/sh >> etc/passwd
            """);
        await muster.AskAsync(["images", "add", OldImage, "--from", tree, "--yes"], Cancel);
        // Before anything is wanted of it, the machine is a Debian like any other.
        await Command.RunAsync("cp", "-a", "--reflink=auto", "--", tree, Root);
        await Command.RunAsync("bash", "-c", $"""
            cd '{tree}' && printf '127.0.0.1 localhost\n10.0.0.2 db\n10.0.0.3 cache\n' > etc/hosts && touch srv/new
            rm etc/app/old.conf; printf 'workers 8\n' > etc/app/app.conf; chmod 600 etc/app/app.conf; mkdir etc/app/sites; touch etc/app/sites/default
            """);
        await muster.AskAsync(["images", "add", NewImage, "--from", tree, "--yes"], Cancel);
        await AddSmallImagesAsync(Path.Combine(disk.Path, "small"));

        Verified = (await muster.AskAsync(["images", "verify", OldImage, "--yes", "--wait"], Cancel)).GetProperty("summary").GetProperty("id").GetString()!;
        await JoinAsync(disk);
        await muster.AskAsync(["machines", "require-image", Machine, NewImage, "--yes", "--wait"], Cancel);
        await SimulateAsync();
        await ChangeAsAliceAsync("/etc/ssh/sshd_config", "PermitRootLogin yes");
        while ((await muster.AskAsync(["machines", "drift", Machine], Cancel)).GetProperty("total").GetInt64() == 0)
        {
            // It is told within milliseconds; asking takes longer.
        }
    }

    private async Task AddSmallImagesAsync(string tree)
    {
        foreach (var name in (string[])["build/7", "cache/12", "db/2026-11-18", "db/2026-11-21"])
        {
            await Command.RunAsync("bash", "-c", $"mkdir -p '{tree}/etc' && cd '{tree}' && echo {name} > etc/image && head -c 20000 /dev/urandom > etc/data");
            await Muster.AskAsync(["images", "add", name, "--from", tree, "--yes"], Cancel);
        }
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
        string? line;
        do
        {
            line = await simulated.StandardOutput.ReadLineAsync(Cancel);
            Assert.False(line is null, "the simulated machines ended before they had joined");
        }
        while (!line.Contains("have joined", StringComparison.Ordinal));

        using var admin = await Server.SignInAsync();
        for (var number = 1; number <= Simulated; number++)
        {
            var (role, image) = (number % 4) switch { 0 => ("build", "build/7"), 1 => ("cache", "cache/12"), 2 => ("db", number < 12 ? "db/2026-11-18" : "db/2026-11-21"), _ => ("web", "db/2026-11-21") };
            // The last two are new here: nobody has said yet what they shall be.
            var isNew = number > Simulated - 2;
            var name = isNew ? $"web-{number - 13}.example.net" : $"{role}-{(number + 7) / 4}.example.net";
            await PostAsync(admin, "edit", new { machine = $"sim-{number:d4}", name, labels = new Dictionary<string, string> { ["role"] = role, ["env"] = number % 3 == 0 ? "test" : "prod" } });
            if (!isNew)
            {
                await PostAsync(admin, "require-image", new { machine = name, image });
            }
        }
    }

    private static async Task PostAsync(HttpClient admin, string verb, object arguments) =>
        (await admin.PostAsJsonAsync($"/api/v1/machines/{verb}", arguments, Cancel)).EnsureSuccessStatusCode();

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
