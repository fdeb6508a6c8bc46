using System.Diagnostics;
using Muster.Testing;

namespace Muster.Dev;

/// <summary>A real machine under the real agent: joined once by the real line, and started again with its changes later.</summary>
internal sealed class FirstMachine : IAsyncDisposable
{
    public const string Name = "first";

    private const string AgentFolder = "/usr/lib/muster-agent";
    private readonly TestMachine _machine;
    private readonly Process _agent;

    private FirstMachine(TestMachine machine, Process agent, string link)
    {
        _machine = machine;
        _agent = agent;
        Link = link;
    }

    /// <summary>The machine's <c>/</c> for whoever sits at this computer.</summary>
    public string Link { get; }

    public static async Task<FirstMachine> StartAsync(LocalInstallation installation, string agentArchive, CancellationToken cancellationToken)
    {
        var machine = await TestMachine.StartAsync(DebianRoot.SmallPackages, Path.Combine(installation.Data, "machines", Name), cancellationToken);
        try
        {
            // The machine knows its server by the port of that day.
            var joined = Path.Combine(installation.Data, "machines", "joined");
            if (!File.Exists(joined) || await File.ReadAllTextAsync(joined, cancellationToken) != installation.Server.Address.ToString())
            {
                await machine.RunAsync(["rm", "-rf", "/var/lib/muster-agent/identity"], cancellationToken);
                await JoinAsync(installation, machine, cancellationToken);
                await File.WriteAllTextAsync(joined, installation.Server.Address.ToString(), cancellationToken);
            }
            else
            {
                await UpdateAgentAsync(machine, agentArchive, cancellationToken);
            }

            var agent = StartAgent(machine, Path.Combine(installation.Data, "agent.log"));
            var link = Path.Combine(installation.Data, Name);
            File.Delete(link);
            File.CreateSymbolicLink(link, machine.Root);
            return new(machine, agent, link);
        }
        catch
        {
            await machine.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        File.Delete(Link);
        await Command.TryAsync("kill", [$"{_agent.Id}"], CancellationToken.None);
        await _machine.DisposeAsync();
        _agent.Dispose();
    }

    private static async Task JoinAsync(LocalInstallation installation, TestMachine machine, CancellationToken cancellationToken)
    {
        var invitation = await installation.Muster.AskAsync(["machines", "invite", "--name", Name, "--yes"], cancellationToken);
        var line = invitation.GetProperty("line").GetString()!;
        Console.WriteLine($"joining by the line that any host would be given:\n  {line}");
        var joined = Stopwatch.StartNew();
        Console.Write(await machine.RunAsync(["sh", "-c", line], cancellationToken));
        Console.WriteLine($"joined after {joined.Elapsed.TotalSeconds:F1} s");
    }

    // What was built since is what should run.
    private static async Task UpdateAgentAsync(TestMachine machine, string archive, CancellationToken cancellationToken)
    {
        var words = machine.StartInfo(["tar", "-xz", "-C", AgentFolder]);
        words.RedirectStandardInput = true;
        using var tar = Process.Start(words)!;
        await using (var source = File.OpenRead(archive))
        {
            await source.CopyToAsync(tar.StandardInput.BaseStream, cancellationToken);
        }

        tar.StandardInput.Close();
        await tar.WaitForExitAsync(cancellationToken);
    }

    private static Process StartAgent(TestMachine machine, string logFile)
    {
        var words = machine.StartInfo([$"{AgentFolder}/current/muster-agent", "run"]);
        words.RedirectStandardOutput = words.RedirectStandardError = true;
        var agent = Process.Start(words)!;
        var log = TextWriter.Synchronized(new StreamWriter(logFile, append: true) { AutoFlush = true });
        agent.OutputDataReceived += (_, line) => log.WriteLine(line.Data);
        agent.ErrorDataReceived += (_, line) => log.WriteLine(line.Data);
        agent.BeginOutputReadLine();
        agent.BeginErrorReadLine();
        return agent;
    }
}
