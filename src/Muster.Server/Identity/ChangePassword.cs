using Muster.Core.Problems;
using Muster.Protocol.Operations;
using Muster.Server.Operations;
using Arguments = Muster.Protocol.Identity.ChangePassword;
using PasswordChanged = Muster.Protocol.Identity.PasswordChanged;

namespace Muster.Server.Identity;

/// <summary>The one thing a person with a one-time password may do.</summary>
internal sealed class ChangePassword(Passwords passwords) : ChangeOperation<Arguments, PasswordChanged>
{
    public override string Name => "Users.ChangePassword";

    public override string Summary => "Changes your own password and ends your other sessions.";

    public override bool AllowedWhilePasswordMustChange => true;

    public override async Task<PlanDraft> PlanAsync(Arguments arguments, PlanContext context, CancellationToken cancellationToken)
    {
        var user = await FindUserAsync(context.Caller, context.Sql, cancellationToken);
        if (!passwords.Verify(arguments.Current, user.Password))
        {
            throw new ProblemException([new Fault("current", "is not your current password")]);
        }

        var name = new ObjectName("user", user.Id.ToString(), user.Name);
        return new PlanDraft($"Change the password of {user.Name}")
        {
            Changes = [new PlanChange(PlanAction.Change, name, [new PlanMember("password", null, null)])],
            Basis = [new PlanBasis(name, "version", user.Version.ToString(System.Globalization.CultureInfo.InvariantCulture))],
        };
    }

    public override async Task<PasswordChanged> ApplyAsync(Arguments arguments, Plan plan, ApplyContext context, CancellationToken cancellationToken)
    {
        var user = await FindUserAsync(context.Caller, context.Sql, cancellationToken);
        await UserStore.SetPasswordAsync(context.Sql, user, passwords.Make(arguments.New), mustChange: false, cancellationToken);
        var ended = await SessionStore.EndOthersAsync(context.Sql, user, context.Caller.Session, cancellationToken);
        return new PasswordChanged(user.Name, ended);
    }

    private static async Task<User> FindUserAsync(Caller caller, Database.ReadSql sql, CancellationToken cancellationToken) =>
        caller.Kind == CallerKind.User && await UserStore.FindAsync(sql, caller.Organisation, caller.User, cancellationToken) is { } user
            ? user
            : throw new ProblemException(ProblemKind.Denied, "password.not-a-person", "only a person who signed in with a password changes it, not a token or certificate");
}
