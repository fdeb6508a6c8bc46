using Muster.Protocol.Machines;
using Muster.Protocol.Operations;
using Muster.Server.Operations;
using Arguments = Muster.Protocol.Machines.ListConditions;

namespace Muster.Server.Machines;

internal sealed class ListConditions : ReadOperation<Arguments, Listing<ObjectCondition>>
{
    // Each key ends with the code, so that (key, machine) is unique.
    private static readonly Dictionary<string, SortColumn> Columns = new()
    {
        ["severity"] = new("(CASE c.severity WHEN 'error' THEN '1' WHEN 'warning' THEN '2' ELSE '3' END || ' ' || c.code)", false),
        ["since"] = new("(CAST(c.since AS text) || ' ' || c.code)", false),
        ["machine"] = new("(m.name || ' ' || c.code)", false),
        ["code"] = new("c.code", false),
    };

    public override string Name => "Conditions.List";

    public override string Summary => "Lists lasting troubles, the worst first.";

    public override async Task<Listing<ObjectCondition>> ReadAsync(Arguments arguments, ReadContext context, CancellationToken cancellationToken)
    {
        var machines = await MachineStore.GetAllAsync(context.Sql, context.Organisation, arguments.Machine, cancellationToken);
        var page = new SortedPage(arguments, Columns, "severity");
        var (rows, total, counts) = await ConditionStore.ListAsync(context.Sql, context.Organisation, machines, arguments, page, cancellationToken);
        return page.Page(rows, total, row => (row.SortKey, row.Machine.Value), row => row.ShowWithObject()) with { Counts = counts };
    }
}
