using Muster.Protocol.Machines;
using Muster.Protocol.Operations;
using Muster.Server.Database;
using Muster.Server.Operations;
using Arguments = Muster.Protocol.Machines.ListMachines;

namespace Muster.Server.Machines;

internal sealed class ListMachines : ReadOperation<Arguments, Listing<MachineSummary>>
{
    private static readonly Dictionary<string, SortColumn> Columns = new()
    {
        ["name"] = new("m.name", false),
        ["state"] = new(MachineFilter.ShownState, false),
        ["link"] = new("m.link", false),
        ["mode"] = new("m.mode", false),
        ["image"] = new("coalesce(i.name, '')", false),
        ["address"] = new("coalesce(m.address, '')", false),
        ["agentVersion"] = new("coalesce(m.agent_version, '')", false),
        ["differences"] = new("(m.missing + m.extra + m.changed)", true),
        ["conditions"] = new("(SELECT count(*) FROM conditions s WHERE s.organisation = m.organisation AND s.machine = m.id)", true),
        ["joinedAt"] = new("m.joined", true),
        ["seenAt"] = new("coalesce(m.seen_at, 0)", true),
    };

    public override string Name => "Machines.List";

    public override string Summary => "Lists machines.";

    public override async Task<Listing<MachineSummary>> ReadAsync(Arguments arguments, ReadContext context, CancellationToken cancellationToken)
    {
        var page = new SortedPage(arguments, Columns, "name");
        var found = await MachineStore.ListAsync(context.Sql, context.Organisation, new MachineFilter(arguments), page, arguments.Counts, cancellationToken);
        return page.Page(found.Rows, found.Total, row => (row.SortKey, row.Id.Value), row => Show(row, found.Labels[row.Id])) with { Counts = found.Counts };
    }

    public static async Task<MachineSummary> ShowOneAsync(ReadSql sql, OrganisationId organisation, MachineId id, CancellationToken cancellationToken)
    {
        var machine = await MachineStore.GetAsync(sql, organisation, id, cancellationToken);
        return Show(machine, await MachineStore.ListLabelsAsync(sql, machine, cancellationToken));
    }

    public static MachineSummary Show(MachineRow row, IEnumerable<KeyValuePair<string, string>> labels) => new(
        row.Id,
        row.Name,
        row.ModeNow,
        row.StateNow,
        row.LinkNow,
        row.Why,
        row.Image,
        MachineWhy.Differences(row),
        (int)row.Conditions,
        row.Worst switch { 3 => "error", 2 => "warning", 1 => "info", _ => null },
        labels.ToDictionary(),
        row.Address,
        row.AgentVersion,
        row.Joined,
        row.SeenAt);
}
