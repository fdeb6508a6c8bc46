using System.CommandLine;
using Muster.Cli.Connection;
using Muster.Cli.Running;
using Muster.Cli.SigningIn;

namespace Muster.Cli.Users;

internal static class UserVerbs
{
    public static IEnumerable<Command> All(Verbs verbs) => [ChangePassword(verbs)];

    private static VerbCommand ChangePassword(Verbs verbs)
    {
        var current = new Option<string?>("--current-file") { Description = "File whose first line is the current password [default: asked for]", HelpName = "file" };
        var wanted = new Option<string?>("--new-file") { Description = "File whose first line is the new password [default: asked for]", HelpName = "file" };
        return verbs.Named("change-password", ["Users.ChangePassword"], "Changes your own password and ends your other sessions", [current, wanted], async (run, cancellationToken) =>
        {
            var (address, login) = run.FindLogin();

            // A token may not change its owner's password, so the person signs in once more.
            var password = Passwords.Read(run.Around, run.Value(current), "Current password", "currentFile");
            await using var session = await PersonSession.OpenAsync(address, ServerTrust.FromPem(login.Authority, "the login file"), login.User, password, cancellationToken);
            var changed = await session.ChangePasswordAsync(password, Passwords.ReadNew(run.Around, run.Value(wanted), "newFile"), cancellationToken);
            await run.Around.Out.WriteLineAsync($"The password of {Showing.StyledWriter.Safe(changed.User)} is changed; other sessions ended: {changed.SessionsEnded}.");
            return ExitCode.Done;
        });
    }
}
