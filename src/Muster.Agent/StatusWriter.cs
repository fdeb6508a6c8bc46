using Muster.Agent.Identity;
using Muster.Agent.Scanning;
using Muster.Core.Problems;

namespace Muster.Agent;

/// <summary>Keeps the status file true, at most once a second.</summary>
internal sealed class StatusWriter(MachineAgent agent, LiveLink link, StateFolder state, IFileTree files, AgentClock clock)
{
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            var changed = agent.Report.Changed;
            try
            {
                Now().Save(state.Handle);
            }
            catch (ProblemException e) when (e.Kind == ProblemKind.Full)
            {
                // The condition tells it; the status file is the least that misses.
            }

            await changed.WaitAsync(cancellationToken);
            await Task.Delay(TimeSpan.FromSeconds(1), clock.Time, cancellationToken);
        }
    }

    private AgentStatus Now()
    {
        var report = agent.Report.Now;
        var step = agent.Orders.Last is { Steps: [.., var last] } ? last : null;
        return new AgentStatus(
            link.Identity.Server, link.Identity.Machine, link.Identity.Name, agent.IsConnected, report.State?.ToString() ?? "Unknown", report.Why,
            step?.ImageName, agent.Orders.Number, files.Changes is not null, files.CulpritTrouble is null, agent.Conditions.All, link.CertificateUntil, Environment.ProcessId, clock.Now);
    }
}
