using System.Text.Json;
using Muster.Testing;

namespace Muster.Tests.Cli;

public sealed class SigningInTests : IAsyncLifetime
{
    private readonly CommandLine muster = new();
    private MusterServer server = null!;

    public async ValueTask InitializeAsync() => server = await MusterServer.StartAsync();

    public async ValueTask DisposeAsync()
    {
        muster.Dispose();
        await server.DisposeAsync();
    }

    [Fact]
    public async Task The_first_login_changes_the_one_time_password_and_keeps_a_token_that_only_its_owner_can_read()
    {
        var seen = await muster.LoginAsync(server);

        Assert.Equal("", seen.Error.Contains("muster:", StringComparison.Ordinal) ? seen.Error : "");
        Assert.Equal(0, seen.ExitCode);
        Assert.Contains("Signed in to", seen.Output, StringComparison.Ordinal);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path.Combine(muster.Home, ".config/muster/config.json")));
        Assert.Equal(0, (await muster.RunAsync("operations", "list")).ExitCode);
    }

    [Fact]
    public async Task Without_a_terminal_the_first_contact_needs_the_fingerprint()
    {
        var seen = await muster.RunAsync("login", server.Address(), "--user", "admin", "--password-file", muster.Write("password", "x"));

        Assert.Equal(2, seen.ExitCode);
        Assert.Contains("--fingerprint", seen.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_with_another_fingerprint_is_refused_before_any_password_is_sent()
    {
        var seen = await muster.RunAsync("login", server.Address(), "--fingerprint", new string('0', 64), "--user", "admin", "--password-file", muster.Write("password", server.OneTimePassword!));

        Assert.Equal(3, seen.ExitCode);
        Assert.Contains("server.foreign", seen.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_that_was_set_up_anew_is_not_the_one_that_was_signed_in_to()
    {
        await muster.LoginAsync(server);
        var port = server.Port;
        await server.DisposeAsync();
        server = await MusterServer.StartAsync(port: port);

        var seen = await muster.RunAsync("operations", "list");

        Assert.Equal(3, seen.ExitCode);
        Assert.Contains("is not the server you signed in to", seen.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_wrong_password_says_so_and_keeps_nothing()
    {
        var seen = await muster.RunAsync("login", server.Address(), "--trust-first", "--user", "admin", "--password-file", muster.Write("password", "wrong"));

        Assert.Equal(3, seen.ExitCode);
        Assert.Contains("login.wrong", seen.Error, StringComparison.Ordinal);
        Assert.False(File.Exists(Path.Combine(muster.Home, ".config/muster/config.json")));
    }

    [Fact]
    public async Task Signing_out_deletes_the_token_at_the_server_and_here()
    {
        await muster.LoginAsync(server);
        var kept = await File.ReadAllTextAsync(Path.Combine(muster.Home, ".config/muster/config.json"));

        Assert.Equal(0, (await muster.RunAsync("logout")).ExitCode);

        Assert.Equal(3, (await muster.RunAsync("operations", "list")).ExitCode);
        await File.WriteAllTextAsync(Path.Combine(muster.Home, ".config/muster/config.json"), kept);
        var again = await muster.RunAsync("operations", "list");
        Assert.Equal(3, again.ExitCode);
        Assert.Contains("token.unknown", again.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_silent_server_is_worth_another_try()
    {
        await muster.LoginAsync(server);
        await server.DisposeAsync();

        var seen = await muster.RunAsync("operations", "list");

        Assert.Equal(75, seen.ExitCode);
        Assert.Contains("cannot reach", seen.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Faults_carry_the_names_that_were_typed()
    {
        await muster.LoginAsync(server);

        var seen = await muster.RunAsync("tokens", "add", "ci", "--operations", "nonsense", "--days", "900", "--yes");

        Assert.Equal(2, seen.ExitCode);
        Assert.Contains("--days:", seen.Error, StringComparison.Ordinal);
        Assert.Contains("--operations:", seen.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_change_without_a_terminal_wants_a_clear_yes()
    {
        await muster.LoginAsync(server);

        var seen = await muster.RunAsync("tokens", "delete", "ci");

        Assert.Equal(2, seen.ExitCode);
        Assert.Contains("--yes", seen.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_person_sees_the_plan_and_may_still_say_no()
    {
        await muster.LoginAsync(server);
        await AddTokenAsync();

        var no = await muster.RunAsync(["tokens", "delete", "ci"], typed: "n\n");
        Assert.Contains("Nothing was changed", no.Error, StringComparison.Ordinal);
        Assert.Contains("ci", (await muster.RunAsync("tokens", "list", "-o", "name")).Output.Split('\n'));

        var yes = await muster.RunAsync(["tokens", "delete", "ci"], typed: "y\n");
        Assert.Equal(0, yes.ExitCode);
        Assert.DoesNotContain("ci", (await muster.RunAsync("tokens", "list", "-o", "name")).Output.Split('\n'));
    }

    [Fact]
    public async Task A_dry_run_shows_the_plan_and_changes_nothing()
    {
        await muster.LoginAsync(server);
        await AddTokenAsync();

        var seen = await muster.RunAsync("tokens", "delete", "ci", "--dry-run");

        Assert.Equal(0, seen.ExitCode);
        Assert.Contains("- delete token ci", seen.Output, StringComparison.Ordinal);
        Assert.Contains("ci", (await muster.RunAsync("tokens", "list", "-o", "name")).Output.Split('\n'));
    }

    [Fact]
    public async Task A_slip_of_the_finger_is_answered_with_the_word_that_was_meant()
    {
        var seen = await muster.RunAsync("tokns", "list");

        Assert.Equal(2, seen.ExitCode);
        Assert.Contains("Did you mean: muster tokens", seen.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_password_is_changed_like_everything_else_seen_first_and_answered_in_JSON()
    {
        await muster.LoginAsync(server);
        string[] change = ["users", "change-password", "--current-file", muster.Write("current", MusterServer.AdminPassword), "--new-file", muster.Write("new", "another long password")];

        Assert.Equal(2, (await muster.RunAsync(change)).ExitCode);
        var plan = await muster.RunAsync([.. change, "--dry-run"]);
        Assert.Contains("~ change user admin", plan.Output, StringComparison.Ordinal);
        var done = await muster.RunAsync([.. change, "--yes", "-o", "json"]);

        Assert.Equal("admin", JsonDocument.Parse(done.Output).RootElement.GetProperty("user").GetString());
        Assert.Contains("login.wrong", (await muster.RunAsync([.. change, "--yes"])).Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_plan_is_shown_and_applied_by_its_hash()
    {
        await muster.LoginAsync(server);
        var hash = (await muster.RunAsync("machines", "invite", "--dry-run", "-o", "name")).Output.Split("plan ")[1].Split(',')[0];

        Assert.Contains("Invite a machine", (await muster.RunAsync("plans", "show", hash)).Output, StringComparison.Ordinal);
        Assert.Equal(2, (await muster.RunAsync("plans", "apply", hash)).ExitCode);
        var no = await muster.RunAsync(["plans", "apply", hash], typed: "n\n");
        Assert.Contains("Nothing was changed", no.Error, StringComparison.Ordinal);
        var yes = await muster.RunAsync(["plans", "apply", hash], typed: "y\n");
        Assert.Contains("MUSTER_JOIN=msj_", yes.Output, StringComparison.Ordinal);
        Assert.Equal(yes.Output, (await muster.RunAsync("plans", "apply", hash, "--yes")).Output);
        Assert.Equal(4, (await muster.RunAsync("plans", "show", new string('0', 64))).ExitCode);
        Assert.Contains("HASH:", (await muster.RunAsync("plans", "show", "nonsense")).Error, StringComparison.Ordinal);
    }

    private async Task AddTokenAsync()
    {
        var seen = await muster.RunAsync("tokens", "add", "ci", "--operations", "Images.*", "--yes", "--password-file", muster.Write("password", MusterServer.AdminPassword));
        Assert.Equal(0, seen.ExitCode);
        Assert.StartsWith("mst_", seen.Output, StringComparison.Ordinal);
    }
}
