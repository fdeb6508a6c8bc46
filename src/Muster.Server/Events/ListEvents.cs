using Muster.Protocol.Events;
using Muster.Protocol.Operations;
using Muster.Server.Operations;
using Arguments = Muster.Protocol.Events.ListEvents;

namespace Muster.Server.Events;

internal sealed class ListEvents(IServiceProvider services) : ReadOperation<Arguments, Listing<Event>>
{
    private static readonly Dictionary<string, SortColumn> Columns = new() { ["number"] = new("e.number", true) };

    public override string Name => "Events.List";

    public override string Summary => "Lists what happened, the newest first.";

    public override async Task<Listing<Event>> ReadAsync(Arguments arguments, ReadContext context, CancellationToken cancellationToken)
    {
        var page = new SortedPage(arguments, Columns, "-number");
        // Asked for late: the registry is made from the operations, of which this is one.
        var nouns = EventReaders.Nouns(context.Caller, services.GetRequiredService<OperationRegistry>());
        var (rows, total, counts) = await EventStore.ListAsync(context.Sql, context.Organisation, nouns, arguments, page, cancellationToken);
        return page.Page(rows, total, row => (row.SortKey, row.Id.Value), row => row.Show()) with { Counts = counts };
    }
}
