using System.CommandLine;
using System.Text.Json;
using Muster.Cli.Connection;
using Muster.Cli.Running;
using Muster.Cli.Showing;
using Muster.Cli.SigningIn;
using Muster.Protocol;
using Muster.Protocol.Identity;

namespace Muster.Cli.Users;

internal static class UserVerbs
{
    public static IEnumerable<Command> All(Verbs verbs) => [ChangePasswordVerb(verbs)];

    private static VerbCommand ChangePasswordVerb(Verbs verbs)
    {
        var current = new Option<string?>("--current-file") { Description = "File whose first line is the current password [default: asked for]", HelpName = "file" };
        var wanted = new Option<string?>("--new-file") { Description = "File whose first line is the new password [default: asked for]", HelpName = "file" };
        return verbs.Change("Users.ChangePassword", "Changes your own password and ends your other sessions", [current, wanted], async (run, cancellationToken) =>
        {
            // A token may not change its owner's password, so the person signs in once more.
            var (address, login) = run.FindLogin();
            var password = Passwords.Read(run.Around, run.Value(current), "Current password", "currentFile");
            var arguments = new ChangePassword(password, Passwords.ReadNew(run.Around, run.Value(wanted), "newFile"));
            Changes.Check(arguments);
            await using var session = await PersonSession.OpenAsync(address, ServerTrust.FromPem(login.Authority, "the login file"), login.User, password, cancellationToken);
            return await run.ChangeAndShowAsync(
                session.Client,
                "Users.ChangePassword",
                arguments,
                MusterJson.Default.ChangePassword,
                answer => Show(run.Output, answer.Deserialize(MusterJson.Default.PasswordChanged)!),
                cancellationToken);
        });
    }

    private static void Show(Output output, PasswordChanged changed) =>
        output.Plain.Line($"The password of {changed.User} is changed; other sessions ended: {changed.SessionsEnded}.");
}
