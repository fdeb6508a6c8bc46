using System.Diagnostics;
using Muster.Testing;

namespace Muster.Dev;

/// <summary>
/// Released programs, unpacked; the benchmark root as a file system of its own to make images of, and a second one with 1 % of
/// its files changed.
/// </summary>
internal sealed class BenchGround : IAsyncDisposable
{
    private readonly TemporaryFolder _folder;

    private BenchGround(TemporaryFolder folder, BenchRoot root, TestMachine same, TestMachine changed)
    {
        _folder = folder;
        Root = root;
        Same = same;
        Changed = changed;
    }

    public BenchRoot Root { get; }

    public TestMachine Same { get; }

    public TestMachine Changed { get; }

    public static async Task<BenchGround> StartAsync(BenchRoot root, CancellationToken cancellationToken)
    {
        var folder = new TemporaryFolder();
        await Command.RunAsync("mkdir", ["-p", folder.Under("programs")], cancellationToken);
        foreach (var name in (string[])["muster-server", "muster"])
        {
            await Command.RunAsync("tar", ["-xzf", Packages.RequireArchive(name), "-C", folder.Under("programs")], cancellationToken);
        }

        var same = await TestMachine.StartOverAsync(root.Path, null, cancellationToken);
        var changed = await TestMachine.StartOverAsync(root.Path, null, cancellationToken);
        var ground = new BenchGround(folder, root, same, changed);
        await ground.ChangeOnePercentAsync(0, cancellationToken);
        return ground;
    }

    /// <summary>Appends to every hundredth file of the second file system; to others with another <paramref name="remainder"/>.</summary>
    public Task ChangeOnePercentAsync(int remainder, CancellationToken cancellationToken) => Changed.RunAsync(
        ["sh", "-c", $"find /usr /etc -xdev -type f | sort | awk 'NR % 100 == {remainder}' | while read -r file; do printf x >>\"$file\"; done"], cancellationToken);

    public Task<BenchServer> StartServerAsync(CancellationToken cancellationToken) =>
        BenchServer.StartAsync(_folder.Under(Guid.NewGuid().ToString("N")), _folder.Under("programs"), cancellationToken);

    /// <summary>A machine over the benchmark root, joined but with no agent running yet.</summary>
    public async Task<TestMachine> JoinAsync(BenchServer server, string name, CancellationToken cancellationToken)
    {
        var machine = await TestMachine.StartCopiedAsync(Root.Path, cancellationToken);
        var invitation = await server.Muster.AskAsync(["machines", "invite", "--name", name, "--yes"], cancellationToken);
        await machine.RunAsync(["sh", "-c", invitation.GetProperty("line").GetString()!], cancellationToken);
        return machine;
    }

    /// <summary>The released agent of a machine; what it says is thrown away.</summary>
    public static Process StartAgent(TestMachine machine)
    {
        var agent = machine.Start(["/usr/lib/muster-agent/current/muster-agent", "run"]);
        agent.OutputDataReceived += static (_, _) => { };
        agent.ErrorDataReceived += static (_, _) => { };
        agent.BeginOutputReadLine();
        agent.BeginErrorReadLine();
        return agent;
    }

    public static async Task<double> SecondsAsync(Func<Task> what)
    {
        var took = Stopwatch.StartNew();
        await what();
        return took.Elapsed.TotalSeconds;
    }

    public async ValueTask DisposeAsync()
    {
        await Same.DisposeAsync();
        await Changed.DisposeAsync();
        _folder.Dispose();
    }
}
