using System.Globalization;
using Muster.Core.Objects;
using Muster.Core.Plans;
using Muster.Protocol.Machines;
using Muster.Protocol.Operations;
using Muster.Server.Compliance;
using Muster.Server.Events;
using Muster.Server.Images;
using Muster.Server.Operations;
using Arguments = Muster.Protocol.Machines.RequireImage;

namespace Muster.Server.Machines;

internal sealed class RequireImage(Comparison comparison, MachineSessions sessions, EventLog events) : ChangeOperation<Arguments, MachineSummary>
{
    public override string Name => "Machines.RequireImage";

    public override string Summary => "Says which image a machine must be exactly like, or that nothing is wanted of it.";

    public override async Task<PlanDraft> PlanAsync(Arguments arguments, PlanContext context, CancellationToken cancellationToken)
    {
        var machine = await MachineStore.GetAsync(context.Sql, context.Organisation, arguments.Machine, cancellationToken);
        var image = arguments.Image is null ? null : await ImageStore.GetAsync(context.Sql, context.Organisation, arguments.Image, cancellationToken);
        var repair = image is not null && machine.TreeDigest is { } tree ? await comparison.FindPlanAsync(image.ImageDigest, tree, cancellationToken) : null;
        return new PlanDraft(image is null ? $"Want nothing of machine {machine.Name}" : $"Require image {image.Name} on machine {machine.Name}")
        {
            Changes = image?.Id == machine.RequiredImage
                ? []
                : [new PlanChange(PlanAction.Change, machine.ObjectName, [new PlanMember("requiredImage", machine.ImageName, image?.Name)])],
            Effects = Effects(machine, image, repair),
            Warnings = Warnings(machine, image, repair),
            Basis =
            [
                new PlanBasis(machine.ObjectName, "version", machine.Version.ToString(CultureInfo.InvariantCulture)),
                new PlanBasis(machine.ObjectName, "requiredImage", machine.ImageName ?? ""),
                .. image is null ? Array.Empty<PlanBasis>() : [new PlanBasis(image.ObjectName, "image", image.ImageDigest.ToString())],
            ],
        };
    }

    public override async Task<MachineSummary> ApplyAsync(Arguments arguments, Plan plan, ApplyContext context, CancellationToken cancellationToken)
    {
        var machine = await MachineStore.GetAsync(context.Sql, context.Organisation, arguments.Machine, cancellationToken);
        var image = arguments.Image is null ? null : await ImageStore.GetAsync(context.Sql, context.Organisation, arguments.Image, cancellationToken);
        if (image?.Id != machine.RequiredImage)
        {
            await MachineStore.RequireAsync(context.Sql, machine, image?.Id, machine.ModeNow, context.Now, cancellationToken);
            await events.AddAsync(context.Sql, context.Organisation, "machine.changed", machine.Id.ToString(), new { machine.Name, RequiredImage = image?.Name, By = context.Caller.Name }, cancellationToken);
            await sessions.WakeAsync(context.Sql, machine.Id, cancellationToken);
        }

        return await ListMachines.ShowOneAsync(context.Sql, context.Organisation, machine.Id, cancellationToken);
    }

    private static List<PlanEffect> Effects(MachineRow machine, ImageRow? image, RepairPlan? repair)
    {
        var effects = new List<PlanEffect> { new("machines", "Machines touched", image?.Id == machine.RequiredImage ? 0 : 1, null, false) };
        if (repair is not null && machine.ModeNow == MachineMode.Image)
        {
            effects.Add(new PlanEffect("files", "Paths put, changed or removed", repair.Counts.Missing + repair.Counts.Changed + repair.Counts.Extra, null, true));
            effects.Add(new PlanEffect("bytes", "To fetch at most", repair.Counts.Bytes, "bytes", true));
        }
        else if (image is not null && machine.ModeNow == MachineMode.Image)
        {
            effects.Add(new PlanEffect("bytes", "To fetch at most", image.Bytes, "bytes", true));
        }

        return effects;
    }

    private static List<string> Warnings(MachineRow machine, ImageRow? image, RepairPlan? repair)
    {
        var warnings = new List<string>();
        void Warn(bool when, string text)
        {
            if (when)
            {
                warnings.Add(text);
            }
        }

        Warn(image is not null && image.Id == machine.RequiredImage, $"{machine.Name} is required to be like {image?.Name} already: nothing changes.");
        Warn(image is not null && machine.ModeNow == MachineMode.Monitor, $"{machine.Name} is in mode monitor: differences are reported, nothing on it is changed.");
        Warn(machine.LinkNow != MachineLink.Connected, $"{machine.Name} is {(machine.LinkNow == MachineLink.Unreachable ? "unreachable" : "not connected at the moment")}: it follows when it is back.");
        Warn(image is not null && machine.Tree is null, $"What is on {machine.Name} is not known yet, so what will be fetched and removed is not either.");
        Warn(image is not null && machine.Entries > 0 && image.Entries < machine.Entries / 2, $"{image?.Name} has fewer than half of the entries that are on {machine.Name} ({image?.Entries} of {machine.Entries}).");
        Warn(
            repair is not null && machine.ModeNow == MachineMode.Image && machine.Entries > 0 && repair.Counts.Extra > machine.Entries / 2,
            string.Create(CultureInfo.InvariantCulture, $"More than half of what is on {machine.Name} would be removed: {repair?.Counts.Extra} paths."));
        if (repair is { Blocked: [var first, ..] })
        {
            warnings.Add(string.Create(CultureInfo.InvariantCulture, $"{repair.Blocked.Count} paths cannot become as wanted: {first.Why}"));
        }

        Warn(machine.Worst == 3, $"{machine.Name} has conditions that need a person.");
        return warnings;
    }
}
