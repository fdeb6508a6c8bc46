using Muster.Protocol.Identity;
using Muster.Protocol.Operations;
using Muster.Server.Operations;
using Arguments = Muster.Protocol.Identity.ListTokens;

namespace Muster.Server.Identity;

internal sealed class ListTokens : ReadOperation<Arguments, Listing<TokenSummary>>
{
    private static readonly Dictionary<string, SortColumn> Columns = new()
    {
        ["name"] = new("t.name", false),
        ["owner"] = new("u.name", false),
        ["createdAt"] = new("t.created", true),
        ["expiresAt"] = new("t.expires", true),
        ["usedAt"] = new("coalesce(t.used, 0)", true),
    };

    public override string Name => "Tokens.List";

    public override string Summary => "Lists API tokens, without their secrets.";

    public override async Task<Listing<TokenSummary>> ReadAsync(Arguments arguments, ReadContext context, CancellationToken cancellationToken)
    {
        var page = new SortedPage(arguments, Columns, "name");
        var (rows, total) = await TokenStore.ListAsync(context.Sql, context.Organisation, page, cancellationToken);
        return page.Page(
            rows,
            total,
            row => (row.SortKey, row.Id.Value),
            row => new TokenSummary(row.Id, row.Name, row.Owner, row.Patterns, row.Created, row.Expires, row.Used));
    }
}
