using System.Globalization;
using Muster.Core.Problems;
using Muster.Protocol.Operations;
using Muster.Server.Database;
using Muster.Server.Events;
using Muster.Server.Operations;
using Arguments = Muster.Protocol.Identity.ChangePassword;
using PasswordChanged = Muster.Protocol.Identity.PasswordChanged;

namespace Muster.Server.Identity;

/// <summary>
/// The one thing a person with a one-time password may do. Asking for it, also for its plan, is an attempt at the present password and
/// counted as one: who stole a session must not find out the password with it.
/// </summary>
internal sealed class ChangePassword(SqlDatabase database, PasswordCheck passwords, EventLog events) : PreparedChangeOperation<Arguments, ChangePassword.Hashed, PasswordChanged>
{
    public override string Name => "Users.ChangePassword";

    public override string Summary => "Changes your own password and ends your other sessions.";

    public override bool AllowedWhilePasswordMustChange => true;

    public override async Task<Hashed> PrepareAsync(Arguments arguments, Caller caller, CancellationToken cancellationToken)
    {
        var user = await database.ReadAsync(sql => FindUserAsync(caller, sql, cancellationToken), cancellationToken);
        return await passwords.IsRightAsync(user.Name, "session " + caller.Session, arguments.Current, user.Password, cancellationToken)
            ? new Hashed(user.Version, await passwords.MakeAsync(arguments.New, cancellationToken))
            : throw new ProblemException([new Fault("current", "is not your current password")]);
    }

    public override async Task<PlanDraft> PlanAsync(Arguments arguments, Hashed prepared, PlanContext context, CancellationToken cancellationToken)
    {
        var user = await FindUserAsync(context.Caller, context.Sql, cancellationToken);
        if (user.Version != prepared.Version)
        {
            throw new ProblemException(ProblemKind.Conflict, "password.changed", "your password was changed at this very moment; look whether that was you");
        }

        var name = new ObjectName("user", user.Id.ToString(), user.Name);
        return new PlanDraft($"Change the password of {user.Name}")
        {
            Changes = [new PlanChange(PlanAction.Change, name, [new PlanMember("password", null, null)])],
            Basis = [new PlanBasis(name, "version", user.Version.ToString(CultureInfo.InvariantCulture))],
        };
    }

    public override async Task<PasswordChanged> ApplyAsync(Arguments arguments, Hashed prepared, Plan plan, ApplyContext context, CancellationToken cancellationToken)
    {
        var user = await FindUserAsync(context.Caller, context.Sql, cancellationToken);
        await UserStore.SetPasswordAsync(context.Sql, user, prepared.Password, mustChange: false, cancellationToken);
        var ended = await SessionStore.EndOthersAsync(context.Sql, user, context.Caller.Session, cancellationToken);
        await events.AddAsync(context.Sql, context.Organisation, "user.password-changed", user.Id.ToString(), new { user.Name, By = context.Caller.Name }, cancellationToken);
        return new PasswordChanged(user.Name, ended);
    }

    private static async Task<User> FindUserAsync(Caller caller, ReadSql sql, CancellationToken cancellationToken) =>
        caller.Kind == CallerKind.User && await UserStore.FindAsync(sql, caller.Organisation, caller.User, cancellationToken) is { } user
            ? user
            : throw new ProblemException(ProblemKind.Denied, "password.not-a-person", "only a person who signed in with a password changes it, not a token or certificate");

    /// <param name="Version">Of the user whose present password was right.</param>
    /// <param name="Password">The new one as it will be kept.</param>
    internal sealed record Hashed(long Version, string Password);
}
