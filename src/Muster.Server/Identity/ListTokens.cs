using Muster.Protocol.Identity;
using Muster.Protocol.Operations;
using Muster.Server.Operations;
using Arguments = Muster.Protocol.Identity.ListTokens;

namespace Muster.Server.Identity;

internal sealed class ListTokens : ReadOperation<Arguments, Listing<TokenSummary>>
{
    public override string Name => "Tokens.List";

    public override string Summary => "Lists API tokens, without their secrets.";

    public override async Task<Listing<TokenSummary>> ReadAsync(Arguments arguments, ReadContext context, CancellationToken cancellationToken)
    {
        var after = Cursor.Parse(arguments.Cursor);
        var rows = await TokenStore.ListAsync(context.Sql, context.Organisation, after, arguments.Search, arguments.Limit + 1, cancellationToken);
        var total = await TokenStore.CountAsync(context.Sql, context.Organisation, arguments.Search, cancellationToken);
        return Cursor.Page(
            rows,
            arguments.Limit,
            total,
            row => new Cursor(row.Name, row.Id.Value),
            row => new TokenSummary(row.Id, row.Name, row.Owner, row.Patterns, row.Created, row.Expires, row.Used));
    }
}
