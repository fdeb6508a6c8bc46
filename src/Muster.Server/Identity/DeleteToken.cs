using Muster.Core.Problems;
using Muster.Protocol.Identity;
using Muster.Protocol.Operations;
using Muster.Server.Database;
using Muster.Server.Events;
using Muster.Server.Operations;
using Arguments = Muster.Protocol.Identity.DeleteToken;

namespace Muster.Server.Identity;

internal sealed class DeleteToken(EventLog events) : ChangeOperation<Arguments, TokenDeleted>
{
    public override string Name => "Tokens.Delete";

    public override string Summary => "Deletes an API token; whatever uses it is refused from then on.";

    public override bool Sensitive => true;

    public override async Task<PlanDraft> PlanAsync(Arguments arguments, PlanContext context, CancellationToken cancellationToken)
    {
        var token = await FindAsync(arguments, context.Caller, context.Sql, cancellationToken);
        return new PlanDraft($"Delete the API token {token.Name} of {token.Owner}")
        {
            Changes = [new PlanChange(PlanAction.Delete, new ObjectName("token", token.Id.ToString(), token.Name), [])],
        };
    }

    public override async Task<TokenDeleted> ApplyAsync(Arguments arguments, Plan plan, ApplyContext context, CancellationToken cancellationToken)
    {
        var token = await FindAsync(arguments, context.Caller, context.Sql, cancellationToken);
        await TokenStore.DeleteAsync(context.Sql, token, cancellationToken);
        await events.AddAsync(context.Sql, context.Organisation, "token.deleted", token.Id.ToString(), new { token.Name, token.Owner, By = context.Caller.Name }, cancellationToken);
        return new TokenDeleted(token.Id, token.Name);
    }

    private static async Task<ApiToken> FindAsync(Arguments arguments, Caller caller, ReadSql sql, CancellationToken cancellationToken)
    {
        var found = TokenId.TryParse(arguments.Token, out var id)
            ? await TokenStore.FindAsync(sql, caller.Organisation, id, cancellationToken)
            : await TokenStore.FindByNameAsync(sql, caller.Organisation, caller.User, arguments.Token, cancellationToken);
        return found ?? throw new ProblemException(ProblemKind.NotFound, "token.unknown", $"there is no token '{arguments.Token}'");
    }
}
