using System.Globalization;
using Muster.Core.Problems;
using Muster.Protocol.Machines;
using Muster.Protocol.Operations;
using Muster.Server.Events;
using Muster.Server.Operations;
using Arguments = Muster.Protocol.Machines.EditMachine;

namespace Muster.Server.Machines;

internal sealed class EditMachine(MachineSessions sessions, EventLog events) : ChangeOperation<Arguments, MachineSummary>
{
    public override string Name => "Machines.Edit";

    public override string Summary => "Changes a machine's name, mode or labels.";

    public override async Task<PlanDraft> PlanAsync(Arguments arguments, PlanContext context, CancellationToken cancellationToken)
    {
        var machine = await MachineStore.GetAsync(context.Sql, context.Organisation, arguments.Machine, cancellationToken);
        if (arguments.Name is { } name && name != machine.Name)
        {
            if (MachineId.TryParse(name, out _) || await MachineStore.IsNameTakenAsync(context.Sql, context.Organisation, name, cancellationToken))
            {
                throw new ProblemException(ProblemKind.Conflict, "machine.name-taken", $"there is a machine '{name}' already");
            }
        }

        var labels = await MachineStore.ListLabelsAsync(context.Sql, machine, cancellationToken);
        var members = Members(arguments, machine, labels).ToList();
        var modeChanges = arguments.Mode is { } mode && mode != machine.ModeNow;
        return new PlanDraft($"Edit machine {machine.Name}")
        {
            Changes = members.Count == 0 ? [] : [new PlanChange(PlanAction.Change, machine.ObjectName, members)],
            Effects = [new PlanEffect("machines", "Machines touched", modeChanges ? 1 : 0, null, false)],
            Warnings =
            [
                .. modeChanges && arguments.Mode == MachineMode.Image && machine.ImageName is not null
                    ? [$"{machine.Name} will be made exactly like {machine.ImageName}: {MachineWhy.Differences(machine)} paths differ as far as is known."]
                    : Array.Empty<string>(),
                .. modeChanges && arguments.Mode == MachineMode.Monitor ? [$"Nothing on {machine.Name} will be restored any more; differences are only reported."] : Array.Empty<string>(),
                .. members.Count == 0 ? ["Nothing changes."] : Array.Empty<string>(),
            ],
            Basis = [new PlanBasis(machine.ObjectName, "version", machine.Version.ToString(CultureInfo.InvariantCulture))],
        };
    }

    public override async Task<MachineSummary> ApplyAsync(Arguments arguments, Plan plan, ApplyContext context, CancellationToken cancellationToken)
    {
        var machine = await MachineStore.GetAsync(context.Sql, context.Organisation, arguments.Machine, cancellationToken);
        if (arguments.Name is { } name && name != machine.Name)
        {
            await MachineStore.RenameAsync(context.Sql, machine, name, cancellationToken);
        }

        if (arguments.Mode is { } mode && mode != machine.ModeNow)
        {
            await MachineStore.RequireAsync(context.Sql, machine, machine.RequiredImage, mode, context.Now, cancellationToken);
            await sessions.WakeAsync(context.Sql, machine.Id, cancellationToken);
        }

        if (arguments.Labels is { } labels)
        {
            await MachineStore.SetLabelsAsync(context.Sql, machine, labels, cancellationToken);
        }

        await events.AddAsync(context.Sql, context.Organisation, "machine.changed", machine.Id.ToString(), new { Name = arguments.Name ?? machine.Name, By = context.Caller.Name }, cancellationToken);
        return await ListMachines.ShowOneAsync(context.Sql, context.Organisation, machine.Id, cancellationToken);
    }

    private static IEnumerable<PlanMember> Members(Arguments arguments, MachineRow machine, IEnumerable<KeyValuePair<string, string>> labels)
    {
        if (arguments.Name is { } name && name != machine.Name)
        {
            yield return new PlanMember("name", machine.Name, name);
        }

        if (arguments.Mode is { } mode && mode != machine.ModeNow)
        {
            yield return new PlanMember("mode", machine.Mode, Words.Of(mode));
        }

        if (arguments.Labels is { } wanted && Text(wanted) is var after && Text(labels) is var before && before != after)
        {
            yield return new PlanMember("labels", before, after);
        }
    }

    private static string Text(IEnumerable<KeyValuePair<string, string>> labels) =>
        string.Join(", ", labels.OrderBy(label => label.Key, StringComparer.Ordinal).Select(label => $"{label.Key}={label.Value}"));
}
