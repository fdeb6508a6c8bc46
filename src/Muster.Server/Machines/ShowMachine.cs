using System.Text.Json;
using Muster.Core.Objects;
using Muster.Protocol.Machines;
using Muster.Server.Certificates;
using Muster.Server.Edge;
using Muster.Server.Operations;
using Arguments = Muster.Protocol.Machines.ShowMachine;

namespace Muster.Server.Machines;

internal sealed class ShowMachine(MachineSessions sessions) : ReadOperation<Arguments, MachineDetails>
{
    public override string Name => "Machines.Show";

    public override string Summary => "Shows a machine: wanted beside seen.";

    public override async Task<MachineDetails> ReadAsync(Arguments arguments, ReadContext context, CancellationToken cancellationToken)
    {
        var machine = await MachineStore.GetAsync(context.Sql, context.Organisation, arguments.Machine, cancellationToken);
        var labels = await MachineStore.ListLabelsAsync(context.Sql, machine, cancellationToken);
        var conditions = await ConditionStore.ListAsync(context.Sql, context.Organisation, machine.Id, cancellationToken);
        var certificate = await CertificateStore.FindNewestAsync(context.Sql, context.Organisation, machine.Id.ToString(), cancellationToken);
        return new MachineDetails(
            ListMachines.Show(machine, labels),
            machine.Facts is null ? null : JsonSerializer.Deserialize<MachineFacts>(machine.Facts, WireJson.Options),
            new WantedDetails(machine.Image, machine.WantedTree is null ? null : new Digest(machine.WantedTree), machine.ModeNow, machine.OrderNumber, machine.WantedAt),
            Seen(machine),
            [.. conditions.Select(condition => condition.Show())],
            new CertificateDetails(certificate?.Serial ?? "", certificate?.Issued ?? machine.Joined, certificate?.Expires ?? machine.Joined));
    }

    private SeenDetails? Seen(MachineRow machine) => machine.SeenAt is null ? null : new SeenDetails(
        machine.TreeDigest,
        machine.SeenOrder,
        machine.Entries,
        machine.Files,
        machine.Bytes,
        machine.Missing,
        machine.Extra,
        machine.Changed,
        sessions.Find(machine.Id)?.Progress,
        machine.LastUpdate is null ? null : JsonSerializer.Deserialize<UpdateDetails>(machine.LastUpdate, WireJson.Options),
        sessions.Find(machine.Id) is { } session && session.HeardAt > machine.SeenAt ? session.HeardAt : machine.SeenAt.Value);
}
