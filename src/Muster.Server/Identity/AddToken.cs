using System.Globalization;
using Muster.Core.Problems;
using Muster.Protocol.Identity;
using Muster.Protocol.Operations;
using Muster.Server.Events;
using Muster.Server.Operations;
using Arguments = Muster.Protocol.Identity.AddToken;

namespace Muster.Server.Identity;

internal sealed class AddToken(EventLog events, TimeProvider time) : ChangeOperation<Arguments, TokenAdded>
{
    public override string Name => "Tokens.Add";

    public override string Summary => "Makes an API token of yours; it is shown once.";

    public override bool Sensitive => true;

    public override async Task<PlanDraft> PlanAsync(Arguments arguments, PlanContext context, CancellationToken cancellationToken)
    {
        var owner = Owner(context.Caller);
        if (await TokenStore.FindByNameAsync(context.Sql, context.Organisation, owner, arguments.Name, cancellationToken) is not null)
        {
            throw new ProblemException(ProblemKind.Conflict, "token.name-taken", $"you have a token named '{arguments.Name}' already");
        }

        var name = new ObjectName("token", string.Empty, arguments.Name);
        return new PlanDraft($"Make the API token {arguments.Name} for {context.Caller.Name}")
        {
            Changes =
            [
                new PlanChange(PlanAction.Create, name,
                [
                    new PlanMember("operations", null, string.Join(' ', arguments.Operations)),
                    new PlanMember("expiresAt", null, Expires(arguments, context.Now).ToString("O", CultureInfo.InvariantCulture)),
                ]),
            ],
            Warnings = arguments.Operations.Contains("*.*") ? ["It may do everything that you may."] : [],
        };
    }

    public override async Task<TokenAdded> ApplyAsync(Arguments arguments, Plan plan, ApplyContext context, CancellationToken cancellationToken)
    {
        var secret = TokenStore.NewSecret();
        var token = new ApiToken
        {
            Organisation = context.Organisation,
            Id = TokenId.New(time),
            User = Owner(context.Caller),
            Owner = context.Caller.Name,
            Name = arguments.Name,
            Operations = string.Join(' ', arguments.Operations),
            Created = context.Now,
            Expires = Expires(arguments, plan.CreatedAt),
        };
        await TokenStore.AddAsync(context.Sql, token, SessionStore.Hash(secret), cancellationToken);
        await events.AddAsync(context.Sql, context.Organisation, "token.added", token.Id.ToString(), new { token.Name, Operations = arguments.Operations, token.Expires, By = context.Caller.Name }, cancellationToken);
        return new TokenAdded(token.Id, token.Name, secret, token.Expires);
    }

    private static DateTimeOffset Expires(Arguments arguments, DateTimeOffset now) => now + TimeSpan.FromDays(arguments.Days);

    // A token that could make tokens would outlive its own expiry.
    private static UserId Owner(Caller caller) => caller.Kind == CallerKind.User
        ? caller.User
        : throw new ProblemException(ProblemKind.Denied, "token.from-token", "a token is made by a person who signed in, not by a token");
}
