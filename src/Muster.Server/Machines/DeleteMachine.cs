using System.Globalization;
using Muster.Protocol.Machines;
using Muster.Protocol.Operations;
using Muster.Server.Certificates;
using Muster.Server.Events;
using Muster.Server.Operations;
using Arguments = Muster.Protocol.Machines.DeleteMachine;

namespace Muster.Server.Machines;

internal sealed class DeleteMachine(AgentCertificates certificates, MachineSessions sessions, EventLog events) : ChangeOperation<Arguments, MachineSummary>
{
    public override string Name => "Machines.Delete";

    public override string Summary => "Forgets a machine and cuts its agent off; nothing on the machine changes.";

    public override bool Sensitive => true;

    public override async Task<PlanDraft> PlanAsync(Arguments arguments, PlanContext context, CancellationToken cancellationToken)
    {
        var machine = await MachineStore.GetAsync(context.Sql, context.Organisation, arguments.Machine, cancellationToken);
        return new PlanDraft($"Delete machine {machine.Name}")
        {
            Changes = [new PlanChange(PlanAction.Delete, machine.ObjectName, [new PlanMember("requiredImage", machine.ImageName, null), new PlanMember("certificate", "valid", "revoked")])],
            Effects = [new PlanEffect("machines", "Machines touched", 1, null, false)],
            Warnings =
            [
                .. machine.LinkNow == MachineLink.Connected ? [$"{machine.Name} is connected: it is cut off at once, keeps what it was told last, and has to join again."] : Array.Empty<string>(),
                "What was recorded of its drift goes with it.",
            ],
            Basis = [new PlanBasis(machine.ObjectName, "version", machine.Version.ToString(CultureInfo.InvariantCulture))],
        };
    }

    public override async Task<MachineSummary> ApplyAsync(Arguments arguments, Plan plan, ApplyContext context, CancellationToken cancellationToken)
    {
        var machine = await MachineStore.GetAsync(context.Sql, context.Organisation, arguments.Machine, cancellationToken);
        var last = await ListMachines.ShowOneAsync(context.Sql, context.Organisation, machine.Id, cancellationToken);
        await certificates.RevokeAsync(context.Sql, context.Organisation, machine.Id, cancellationToken);
        await MachineStore.DeleteAsync(context.Sql, machine, cancellationToken);
        await events.AddAsync(context.Sql, context.Organisation, "machine.deleted", machine.Id.ToString(), new { machine.Name, By = context.Caller.Name }, cancellationToken);
        await sessions.WakeAsync(context.Sql, machine.Id, cancellationToken);
        context.Sql.AfterCommit(() => sessions.End(machine.Id));
        return last;
    }
}
