using Muster.Protocol.Machines;
using Muster.Protocol.Operations;
using Muster.Server.Operations;
using Arguments = Muster.Protocol.Machines.ListDrift;

namespace Muster.Server.Machines;

internal sealed class ListDrift : ReadOperation<Arguments, Listing<DriftDetails>>
{
    private static readonly Dictionary<string, SortColumn> Columns = new()
    {
        ["at"] = new("d.at", true),
        ["path"] = new("d.shown", false),
        ["outcome"] = new("d.outcome", false),
    };

    public override string Name => "Machines.Drift";

    public override string Summary => "Lists what was found different on machines, who did it, and what came of it; the newest first.";

    public override async Task<Listing<DriftDetails>> ReadAsync(Arguments arguments, ReadContext context, CancellationToken cancellationToken)
    {
        var machines = await MachineStore.GetAllAsync(context.Sql, context.Organisation, arguments.Machine, cancellationToken);
        var page = new SortedPage(arguments, Columns, "-at");
        var (rows, total, counts) = await DriftStore.ListAsync(context.Sql, context.Organisation, machines, arguments, page, cancellationToken);
        return page.Page(rows, total, row => (row.SortKey, row.Id.Value), row => row.Show()) with { Counts = counts };
    }
}
