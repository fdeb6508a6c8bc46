using System.Globalization;
using Muster.Testing;

namespace Muster.Dev;

/// <summary>Many machines in one process, by the agent's own code over the real protocol. They live in memory, so each run makes them anew.</summary>
internal sealed class SimulatedMachines : IAsyncDisposable
{
    private const string Prefix = "sim-";
    private const int DriftSeconds = 120;
    private readonly LeashedProcess _process;

    private SimulatedMachines(LeashedProcess process) => _process = process;

    public static async Task<SimulatedMachines> StartAsync(LocalInstallation installation, int count, CancellationToken cancellationToken)
    {
        await ForgetAsync(installation, cancellationToken);
        var number = count.ToString(CultureInfo.InvariantCulture);
        var invitation = await installation.Muster.AskAsync(["machines", "invite", "--uses", number, "--yes"], cancellationToken);
        List<string> command =
        [
            Path.Combine(AppContext.BaseDirectory, "muster-agent"), "simulate", "--count", number, "--drift-seconds", $"{DriftSeconds}",
            "--server", installation.Server.Address.GetLeftPart(UriPartial.Authority), "--state", Path.Combine(installation.Data, "simulated"),
            .. invitation.GetProperty("pins").EnumerateArray().SelectMany(pin => new[] { "--pin", pin.GetString()! }),
        ];
        return new(LeashedProcess.Start(command, Console.WriteLine, ("MUSTER_JOIN", invitation.GetProperty("token").GetString()!)));
    }

    public ValueTask DisposeAsync() => _process.DisposeAsync();

    private static async Task ForgetAsync(LocalInstallation installation, CancellationToken cancellationToken)
    {
        var machines = await installation.Api.ListAsync("/api/v1/machines/list", cancellationToken);
        var old = machines.Select(machine => machine.GetProperty("name").GetString()!).Where(name => name.StartsWith(Prefix, StringComparison.Ordinal));
        foreach (var name in old)
        {
            await installation.Api.PostAsync("/api/v1/machines/delete", new { machine = name }, cancellationToken);
        }
    }
}
