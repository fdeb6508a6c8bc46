using System.Globalization;
using Muster.Protocol.Machines;
using Muster.Protocol.Operations;
using Muster.Server.Certificates;
using Muster.Server.Events;
using Muster.Server.Operations;
using Arguments = Muster.Protocol.Machines.InviteMachine;

namespace Muster.Server.Machines;

internal sealed class InviteMachine(ServerCertificates certificates, PublicAddress address, EventLog events, TimeProvider time) : ChangeOperation<Arguments, Invitation>
{
    public override string Name => "Machines.Invite";

    public override string Summary => "Makes a line that joins a machine.";

    public override async Task<PlanDraft> PlanAsync(Arguments arguments, PlanContext context, CancellationToken cancellationToken)
    {
        var taken = arguments.Name is not null && await MachineStore.IsNameTakenAsync(context.Sql, context.Organisation, arguments.Name, cancellationToken);
        var who = arguments.Name ?? (arguments.Uses == 1 ? "a machine" : string.Create(CultureInfo.InvariantCulture, $"{arguments.Uses} machines"));
        return new PlanDraft($"Invite {who} to join within {Duration(arguments.Minutes)}")
        {
            Repeatable = true,
            Changes =
            [
                new PlanChange(PlanAction.Create, new ObjectName("invitation", "", arguments.Name ?? ""),
                [
                    new PlanMember("uses", null, arguments.Uses.ToString(CultureInfo.InvariantCulture)),
                    new PlanMember("minutes", null, arguments.Minutes.ToString(CultureInfo.InvariantCulture)),
                ]),
            ],
            Warnings = taken ? [$"There is a machine {arguments.Name} already: whoever joins with this line takes its place, with what is wanted of it, unless it is connected then."] : [],
            Basis = arguments.Name is null ? [] : [new PlanBasis(new ObjectName("machine", "", arguments.Name), "exists", taken ? "true" : "false")],
        };
    }

    public override async Task<Invitation> ApplyAsync(Arguments arguments, Plan plan, ApplyContext context, CancellationToken cancellationToken)
    {
        var secret = InvitationStore.NewSecret();
        var row = new InvitationRow
        {
            Organisation = context.Organisation,
            Id = InvitationId.New(time),
            Hash = InvitationStore.Hash(secret),
            Name = arguments.Name,
            Uses = arguments.Uses,
            CreatedBy = context.Caller.Name,
            Created = context.Now,
            Expires = context.Now.AddMinutes(arguments.Minutes),
        };
        await InvitationStore.AddAsync(context.Sql, row, cancellationToken);
        await events.AddAsync(context.Sql, context.Organisation, "machine.invited", row.Id.ToString(), new { row.Name, row.Uses, row.Expires }, cancellationToken);
        var pins = certificates.Pins.Select(pin => "sha256//" + pin).ToList();
        var script = $"{address.Url}/join";
        var line = $"curl -fsSk --pinnedpubkey '{string.Join(';', pins)}' {script} | MUSTER_JOIN={secret} sh";
        return new Invitation(row.Id, line, secret, script, pins, row.Expires);
    }

    private static string Duration(int minutes) => minutes % 1440 == 0
        ? string.Create(CultureInfo.InvariantCulture, $"{minutes / 1440} days")
        : minutes % 60 == 0 ? string.Create(CultureInfo.InvariantCulture, $"{minutes / 60} h") : string.Create(CultureInfo.InvariantCulture, $"{minutes} min");
}
