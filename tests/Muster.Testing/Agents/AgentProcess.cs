using System.Diagnostics;
using System.Text;
using Xunit;

namespace Muster.Testing.Agents;

/// <summary>The real agent as a process of its own, on a tree and a state folder. It goes with the test.</summary>
public sealed class AgentProcess : IAsyncDisposable
{
    private readonly string[] flags;
    private readonly Func<IEnumerable<string>, IReadOnlyList<string>> enter;
    private readonly StringBuilder said = new();
    private Process? process;

    /// <param name="enter">Words that run a program where the tree is mounted: the kernel takes an audit rule only from there.</param>
    /// <param name="root">The tree, as it is called there.</param>
    /// <param name="state">The state folder, as it is called there.</param>
    /// <param name="more">More flags.</param>
    public AgentProcess(Func<IEnumerable<string>, IReadOnlyList<string>> enter, string root, string state, params string[] more)
    {
        this.enter = enter;
        flags = ["--root", root, "--state", state, "--verbose", .. more];
    }

    public static string Program => Path.Combine(Repository.Root, "artifacts/bin/Muster.Agent/debug/muster-agent");

    /// <summary>What it said so far.</summary>
    public string Said
    {
        get
        {
            lock (said)
            {
                return said.ToString();
            }
        }
    }

    public int Id => process!.Id;

    public bool HasExited => process?.HasExited ?? true;

    public static Task<CommandResult> JoinAsync(ProtocolServer server, string state, string? pin = null, string? token = "token") =>
        JoinAsync(server.Address, pin ?? server.Pin, token ?? "", state);

    public static async Task<CommandResult> JoinAsync(string server, string pin, string token, string state)
    {
        var start = new ProcessStartInfo(Program, ["join", "--server", server, "--pin", pin, "--state", state]);
        start.Environment["MUSTER_JOIN"] = token;
        return await Command.TryAsync(start, TestContext.Current.CancellationToken);
    }

    public void Start()
    {
        var words = enter([Program, "run", .. flags]);
        process = Process.Start(new ProcessStartInfo(words[0], words.Skip(1)) { RedirectStandardError = true, RedirectStandardOutput = true })!;
        process.OutputDataReceived += (_, line) => Hear(line.Data);
        process.ErrorDataReceived += (_, line) => Hear(line.Data);
        process.BeginErrorReadLine();
        process.BeginOutputReadLine();
    }

    /// <summary>As a power cut would, for the program.</summary>
    public async Task KillAsync()
    {
        process!.Kill();
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        process.Dispose();
        process = null;
    }

    public async Task<int> ExitAsync(CancellationToken cancellationToken)
    {
        await process!.WaitForExitAsync(cancellationToken);
        return process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        if (process is { HasExited: false })
        {
            await KillAsync();
        }

        process?.Dispose();
    }

    private void Hear(string? line)
    {
        lock (said)
        {
            said.AppendLine(line);
        }
    }
}
