using System.Diagnostics;
using System.Net.Http.Json;
using System.Text.Json;
using Muster.PeerTests.Database;
using Muster.Protocol.Machines;
using Muster.Server.Database;
using Muster.Server.Edge;
using Muster.Testing;
using Muster.Testing.Agents;

namespace Muster.PeerTests.Server;

/// <summary>Two servers side by side on one database and one data folder, behind a balancer.</summary>
public sealed class TwoServersTests(Postgres postgres) : IAsyncLifetime
{
    private readonly TemporaryFolder folder = new();
    private string connectionString = null!;
    private SqlDatabase database = null!;
    private ServerProcess first = null!;
    private ServerProcess second = null!;
    private Balancer balancer = null!;
    private string token = null!;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    private string Data => folder.Under("data");

    private string File => folder.Under("database");

    private string Authority => folder.Under("authority.pem");

    public async ValueTask InitializeAsync()
    {
        connectionString = await (await postgres.Server).MakeDatabaseAsync(Cancelled);
        ConnectionFiles.Write(File, connectionString);
        await ServerProcess.InitialiseAsync(Data, Cancelled, databaseFile: File);
        token = await InstallationAccess.MakeTokenAsync(Data, Cancelled, File);
        database = new SqlDatabase(new PostgresDialect(connectionString));
        first = await StartAsync();
        await System.IO.File.WriteAllTextAsync(Authority, await first.GetAuthorityAsync(Cancelled), Cancelled);
        balancer = new Balancer(first.Address.Port);
    }

    public async ValueTask DisposeAsync()
    {
        await balancer.DisposeAsync();
        await first.DisposeAsync();
        await (second?.DisposeAsync() ?? ValueTask.CompletedTask);
        await database.DisposeAsync();
        folder.Dispose();
    }

    [Fact]
    public async Task What_is_wanted_at_one_reaches_the_agent_at_the_other_and_when_that_one_is_killed_the_agent_goes_on_with_the_first()
    {
        await using var disk = await TestDisk.StartAsync(100, Cancelled);
        Directory.CreateDirectory(Path.Combine(disk.Path, "root", "etc"));
        await using var agent = await JoinAsync(disk);
        await UntilAsync("SELECT count(*) FROM machines WHERE link = 'connected'");
        var firstName = await ServerOfMachineAsync();

        // The other starts when the machine is connected already, and leaves it be.
        second = await StartAsync();
        balancer.Targets = [first.Address.Port, second.Address.Port];
        var other = At(second.Address);
        await RunAsync(other, "images", "add", "web/1", "--from", Tree("one"), "--yes");
        var clock = Stopwatch.StartNew();
        await RunAsync(other, "machines", "require-image", "web", "web/1", "--yes", "--wait", "--timeout", "120");
        Say($"wanted at one server, done at the other after {clock.Elapsed.TotalSeconds:F2} s");
        Assert.Equal("one", await System.IO.File.ReadAllTextAsync(Path.Combine(disk.Path, "root/etc/motd"), Cancelled));
        Assert.Equal(firstName, await ServerOfMachineAsync());
        Assert.Equal(0, await CountAsync("SELECT count(*) FROM events WHERE data LIKE '%reconnecting%'"));

        clock.Restart();
        await first.KillAsync(Cancelled);
        await UntilAsync($"SELECT count(*) FROM machines WHERE link = 'connected' AND server <> '{firstName}'");
        Say($"the agent is at the other server {clock.Elapsed.TotalSeconds:F2} s after its own was killed");
        await RunAsync(other, "images", "add", "web/2", "--from", Tree("two"), "--yes");
        await RunAsync(other, "machines", "require-image", "web", "web/2", "--yes", "--wait", "--timeout", "120");
        Assert.Equal("two", await System.IO.File.ReadAllTextAsync(Path.Combine(disk.Path, "root/etc/motd"), Cancelled));
    }

    [Fact]
    public async Task A_machine_whose_server_was_killed_is_reconnecting_for_the_other_though_nobody_told_it()
    {
        await using var disk = await TestDisk.StartAsync(100, Cancelled);
        Directory.CreateDirectory(Path.Combine(disk.Path, "root", "etc"));
        await using var agent = await JoinAsync(disk);
        second = await StartAsync();
        await UntilAsync("SELECT count(*) FROM machines WHERE link = 'connected'");
        await agent.KillAsync();
        await UntilAsync("SELECT count(*) FROM machines WHERE link = 'reconnecting'");

        // A row as a killed server leaves it.
        await database.WriteAsync(sql => sql.ExecuteAsync("UPDATE machines SET link = 'connected', server = 'one that is gone'", null, Cancelled), Cancelled);
        await UntilAsync("SELECT count(*) FROM machines WHERE link = 'reconnecting'");
    }

    [Fact]
    public async Task A_click_that_is_under_way_when_its_server_is_killed_is_done_once_by_the_other()
    {
        second = await StartAsync();
        balancer.Targets = [first.Address.Port, second.Address.Port];
        var muster = At(new Uri($"https://localhost:{balancer.Port}"));
        Task<CommandResult> clicked;
        await using (await HoldAsync("LOCK TABLE invitations IN EXCLUSIVE MODE"))
        {
            clicked = muster.TryAsync(["machines", "invite", "--yes"], Cancelled);
            await UntilAsync("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock' AND query LIKE 'INSERT INTO invitations%'");
            await first.KillAsync(Cancelled);
        }

        var seen = await clicked;
        Assert.True(seen.ExitCode == 0, seen.Error);
        Assert.Contains("MUSTER_JOIN=msj_", seen.Output, StringComparison.Ordinal);
        Assert.Equal(1, await CountAsync("SELECT count(*) FROM invitations"));
    }

    [Fact]
    public async Task The_same_idempotency_key_at_both_is_one_change_with_one_answer()
    {
        second = await StartAsync();
        var answers = await Task.WhenAll(Enumerable.Range(0, 6).Select(async number =>
        {
            using var client = (number % 2 == 0 ? first : second).OpenClient(Authority);
            client.DefaultRequestHeaders.Authorization = new("Bearer", token);
            client.DefaultRequestHeaders.Add("Idempotency-Key", "once");
            var answer = await client.PostAsJsonAsync("/api/v1/machines/invite", new InviteMachine(), WireJson.Options, Cancelled);
            Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync(Cancelled));
            return (await answer.Content.ReadFromJsonAsync<JsonElement>(Cancelled)).GetProperty("token").GetString();
        }));
        Assert.Single(answers.Distinct());
        Assert.Equal(1, await CountAsync("SELECT count(*) FROM invitations"));
    }

    [Fact]
    public async Task Work_in_the_background_is_done_by_one_of_them()
    {
        await using var other = new SqlDatabase(new PostgresDialect(connectionString));
        var done = 0;
        var all = new[] { new Leases(database), new Leases(other), new Leases(database) };
        for (var round = 0; round < 3; round++)
        {
            await Task.WhenAll(all.Select(one => one.DoOnceAsync("a test", TimeSpan.FromHours(1), sql =>
            {
                sql.AfterCommit(() => Interlocked.Increment(ref done));
                return Task.CompletedTask;
            }, Cancelled)));
            Assert.Equal(round + 1, done);
        }
    }

    private static void Say(string text) => TestContext.Current.TestOutputHelper!.WriteLine(text);

    private Task<ServerProcess> StartAsync() => ServerProcess.StartAsync(Data, 0, null, null, null, Cancelled, databaseFile: File);

    private MusterCommandLine At(Uri address) => new(address, token, Authority, home: Directory.CreateDirectory(folder.Under("home")).FullName);

    private static async Task RunAsync(MusterCommandLine muster, params string[] words)
    {
        var result = await muster.TryAsync(words, Cancelled);
        Assert.True(result.ExitCode == 0, $"{string.Join(' ', words)}: {result.Error}{result.Output}");
    }

    private string Tree(string motd)
    {
        Directory.CreateDirectory(folder.Under(motd, "etc"));
        System.IO.File.WriteAllText(folder.Under(motd, "etc", "motd"), motd);
        return folder.Under(motd);
    }

    private async Task<AgentProcess> JoinAsync(TestDisk disk)
    {
        var invitation = await At(first.Address).AskAsync(["machines", "invite", "--name", "web", "--yes"], Cancelled);
        var joined = await AgentProcess.JoinAsync($"https://localhost:{balancer.Port}", invitation.GetProperty("pins")[0].GetString()!, invitation.GetProperty("token").GetString()!, folder.Under("state"));
        Assert.True(joined.ExitCode == 0, joined.Error);
        var agent = new AgentProcess(disk.Enter, Path.Combine(disk.PathInside, "root"), folder.Under("state"));
        agent.Start();
        return agent;
    }

    private Task<string> ServerOfMachineAsync() => database.ReadAsync(sql => sql.GetAsync<string>("SELECT server FROM machines", null, Cancelled), Cancelled);

    private Task<long> CountAsync(string sql) => database.ReadAsync(read => read.GetAsync<long>(sql, null, Cancelled), Cancelled);

    private async Task UntilAsync(string isAboveZero)
    {
        using var again = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        while (await CountAsync(isAboveZero) == 0)
        {
            await again.WaitForNextTickAsync(Cancelled);
        }
    }

    private async Task<IAsyncDisposable> HoldAsync(string statement)
    {
        var connection = new Npgsql.NpgsqlConnection(connectionString + ";Pooling=false");
        await connection.OpenAsync(Cancelled);
        await using var command = new Npgsql.NpgsqlCommand("BEGIN; " + statement, connection);
        await command.ExecuteNonQueryAsync(Cancelled);
        return connection;
    }
}
