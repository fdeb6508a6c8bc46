using Muster.Protocol.Operations;
using Muster.Protocol.Tasks;
using Muster.Server.Operations;
using Arguments = Muster.Protocol.Tasks.ListTasks;

namespace Muster.Server.Tasks;

internal sealed class ListTasks : ReadOperation<Arguments, Listing<TaskSummary>>
{
    private static readonly Dictionary<string, SortColumn> Columns = new()
    {
        ["createdAt"] = new("t.created", true),
        ["title"] = new("t.title", false),
        ["state"] = new("t.state", false),
        ["kind"] = new("t.kind", false),
        ["createdBy"] = new("t.created_by", false),
        ["endedAt"] = new("coalesce(t.ended, 0)", true),
    };

    public override string Name => "Tasks.List";

    public override string Summary => "Lists work of several steps, the newest first.";

    public override async Task<Listing<TaskSummary>> ReadAsync(Arguments arguments, ReadContext context, CancellationToken cancellationToken)
    {
        var page = new SortedPage(arguments, Columns, "-createdAt");
        var (rows, total, counts) = await TaskStore.ListAsync(context.Sql, context.Organisation, arguments, page, cancellationToken);
        return page.Page(rows, total, row => (row.SortKey, row.Id.Value), row => row.Show()) with { Counts = counts };
    }
}
