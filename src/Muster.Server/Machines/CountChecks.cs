using System.Collections.Concurrent;
using Muster.Core.Objects;
using Muster.Protocol.Machines;
using Muster.Server.Compliance;
using Muster.Server.Database;
using Muster.Server.Events;

namespace Muster.Server.Machines;

/// <summary>
/// Checks what agents count with our own planner, when the tree they speak of is here. The planner is the same, so a difference means that
/// one of the two is wrong: a condition on the machine.
/// </summary>
internal sealed class CountChecks(SqlDatabase database, Comparison comparison, EventLog events, TimeProvider time, ILogger<CountChecks> log) : Loop(time, log)
{
    public const string Code = "server.counts-differ";

    private readonly ConcurrentDictionary<MachineId, OrganisationId> waiting = new();
    private readonly EventSignal signal = new();

    protected override Task Wake => signal.Next;

    public void Check(OrganisationId organisation, MachineId machine)
    {
        waiting[machine] = organisation;
        signal.Wake();
    }

    protected override async Task<bool> RoundAsync(CancellationToken cancellationToken)
    {
        foreach (var (id, organisation) in waiting)
        {
            waiting.TryRemove(id, out _);
            var machine = await database.ReadAsync(sql => MachineStore.FindAsync(sql, organisation, id, cancellationToken), cancellationToken);
            if (machine is { ImageDigest: { } image, TreeDigest: { } tree } && machine.SeenOrder == machine.OrderNumber && machine.StateNow is MachineState.InSync or MachineState.Drifted)
            {
                await CheckAsync(machine!, new Digest(machine!.ImageDigest!), machine.TreeDigest!.Value, cancellationToken);
            }
        }

        return false;
    }

    private async Task CheckAsync(MachineRow machine, Digest image, Digest tree, CancellationToken cancellationToken)
    {
        if (await comparison.FindPlanAsync(image, tree, cancellationToken) is not { Blocked.Count: 0 } plan)
        {
            return;
        }

        var same = (plan.Counts.Missing, plan.Counts.Extra, plan.Counts.Changed) == ((int)machine.Missing, (int)machine.Extra, (int)machine.Changed);
        var text = $"The agent counts {machine.Missing} missing, {machine.Extra} extra and {machine.Changed} changed paths; of the tree it reports the server counts "
            + $"{plan.Counts.Missing}, {plan.Counts.Extra} and {plan.Counts.Changed}.";
        await database.WriteAsync(
            async sql =>
            {
                var now = await MachineStore.FindAsync(sql, machine.Organisation, machine.Id, cancellationToken);
                if (now is null || now.TreeDigest != tree || (now.Missing, now.Extra, now.Changed) != (machine.Missing, machine.Extra, machine.Changed))
                {
                    return;
                }

                if (same)
                {
                    if (await ConditionStore.ClearAsync(sql, machine.Organisation, machine.Id, Code, cancellationToken))
                    {
                        await events.AddAsync(sql, machine.Organisation, "condition.cleared", machine.Id.ToString(), new { Machine = machine.Name, Code }, cancellationToken);
                    }

                    return;
                }

                var condition = new ConditionDetails(Code, "warning", "Agent and server count differently", text, "Restart the agent. If it comes back, one of the two is wrong: tell us, with both versions.", Time.GetUtcNow());
                await ConditionStore.RaiseAsync(sql, machine.Organisation, machine.Id, ConditionStore.Server, condition, cancellationToken);
                await events.AddAsync(sql, machine.Organisation, "condition.raised", machine.Id.ToString(), new { Machine = machine.Name, Code, condition.Severity, condition.Title }, cancellationToken);
            },
            cancellationToken);
    }
}
