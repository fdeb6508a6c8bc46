using System.Net;
using System.Net.Http.Json;
using Microsoft.Extensions.DependencyInjection;
using Muster.Core.Problems;
using Muster.Protocol.Identity;
using Muster.Server;
using Muster.Server.Database;
using Muster.Server.Edge;
using Muster.Server.Secrets;
using Muster.Testing;

namespace Muster.Tests.Server;

/// <summary>The first start, and whatever may interrupt it.</summary>
public sealed class SetupTests : IDisposable
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    private readonly TemporaryFolder folder = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private ServerOptions Options => new() { DataDirectory = folder.Path, Listen = "127.0.0.1:0" };

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task A_one_time_password_that_was_lost_is_made_anew_until_the_administrator_chose_one()
    {
        await using var server = await MusterServer.StartAsync(folder.Path);
        var setup = server.Services.GetRequiredService<Setup>();

        var renewed = await setup.RenewOneTimePasswordAsync(Cancellation);

        using var client = server.CreateClient();
        var old = await client.PostAsJsonAsync("/api/v1/login", new Login("admin", server.OneTimePassword!), WireJson.Options, Cancellation);
        Assert.Equal(HttpStatusCode.Unauthorized, old.StatusCode);
        Assert.True((await MusterServer.LoginAsync(client, renewed!)).MustChangePassword);
        (await client.PostAsJsonAsync("/api/v1/users/change-password", new ChangePassword(renewed!, MusterServer.AdminPassword), WireJson.Options, Cancellation)).EnsureSuccessStatusCode();

        Assert.Null(await setup.RenewOneTimePasswordAsync(Cancellation));
        await MusterServer.LoginAsync(client, MusterServer.AdminPassword);
    }

    [Fact]
    public async Task A_start_that_fails_while_it_makes_keys_leaves_no_administrator_whose_password_nobody_was_told()
    {
        await using var app = Muster.Server.Program.Build(Options);
        var (database, setup) = (app.Services.GetRequiredService<SqlDatabase>(), app.Services.GetRequiredService<Setup>());
        await Migrator.MigrateAsync(database, Migrator.Embedded, TimeProvider.System, Cancellation);
        await ExecuteAsync("CREATE TRIGGER full BEFORE INSERT ON secrets WHEN NEW.id = 'mutual-key' BEGIN SELECT RAISE(ABORT, 'no room'); END");
        await Assert.ThrowsAnyAsync<Exception>(() => setup.RunAsync(Cancellation));

        await ExecuteAsync("DROP TRIGGER full");

        Assert.NotNull(await setup.RunAsync(Cancellation));
        Task ExecuteAsync(string sql) => database.WriteAsync(write => write.ExecuteAsync(sql, null, Cancellation), Cancellation);
    }

    [Fact]
    public async Task A_directory_that_others_could_read_is_closed_to_them()
    {
        File.SetUnixFileMode(folder.Path, OwnerOnly | UnixFileMode.GroupRead | UnixFileMode.OtherRead | UnixFileMode.OtherExecute);
        await using var app = Muster.Server.Program.Build(Options);
        Assert.Equal(OwnerOnly, File.GetUnixFileMode(folder.Path));
    }

    [Fact]
    public async Task The_key_is_made_once_however_many_make_it()
    {
        var keys = await Task.WhenAll(Enumerable.Range(0, 16).Select(_ => Task.Run(
            () =>
            {
                KeyFile.Ensure(folder.Path);
                return Convert.ToHexString(KeyFile.Read(folder.Path));
            },
            Cancellation)));
        Assert.Single(keys.Distinct());

        var only = Assert.Single(Directory.EnumerateFiles(folder.Under("secrets")));
        Assert.Equal("kek", Path.GetFileName(only));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(only));
        var key = KeyFile.Read(folder.Path);
        KeyFile.Ensure(folder.Path);
        Assert.Equal(key, KeyFile.Read(folder.Path));
    }

    [Fact]
    public async Task A_settings_file_that_is_no_JSON_is_one_clear_error()
    {
        await File.WriteAllTextAsync(folder.Under("server.json"), "{ \"Identity\": ", Cancellation);
        var fault = Assert.Single(Assert.Throws<ProblemException>(() => Muster.Server.Program.Build(Options)).Faults);
        Assert.Equal(folder.Under("server.json"), fault.Argument);
        Assert.Contains("is not JSON", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Everything_wrong_with_the_settings_is_said_at_once_in_whatever_way_it_is_wrong()
    {
        await File.WriteAllTextAsync(
            folder.Under("server.json"),
            """{"Identity":{"SessionIdle":"abc","FreeAttempts":"many"},"Machines":{"HeartbeatSeconds":0,"UnreachableAfter":"1.00:00:01"},"Objects":{"Fodler":"/srv"},"Identiy":{"FreeAttempts":3}}""",
            Cancellation);
        var problem = await Assert.ThrowsAsync<ProblemException>(() => Commands.InitAsync(Options));
        Assert.Equal("configuration.invalid", problem.Code);
        Assert.Equal(
            ["Identity:FreeAttempts", "Identity:SessionIdle", "Identiy", "Machines", "Machines", "Objects:Fodler"],
            problem.Faults.Select(fault => fault.Argument).Order(StringComparer.Ordinal));
    }
}
