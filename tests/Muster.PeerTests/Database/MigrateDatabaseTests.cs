using System.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Muster.Server.Database;
using Muster.Testing;

namespace Muster.PeerTests.Database;

/// <summary>An installation that moves from one engine to the other, and what does not let it.</summary>
public sealed class MigrateDatabaseTests(Postgres postgres) : IAsyncLifetime
{
    private const int Machines = 1_000;

    private readonly TemporaryFolder folder = new();

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    private string Data => folder.Under("data");

    private string Sqlite => folder.Under("data", "muster.db");

    private string File => folder.Under("database");

    public async ValueTask InitializeAsync() => ConnectionFiles.Write(File, await (await postgres.Server).MakeDatabaseAsync(Cancelled));

    public ValueTask DisposeAsync()
    {
        folder.Dispose();
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task There_and_back_again_nothing_is_lost_and_the_server_goes_on_from_there()
    {
        await FillAsync();
        var there = await MigrateAsync(["--to", File]);
        Assert.True(there.ExitCode == 0, there.Error);
        Assert.Contains($"Start the server with --database-file {File}", there.Output, StringComparison.Ordinal);
        Assert.Contains(folder.Under("data", "secrets", "kek"), there.Output, StringComparison.Ordinal);

        var back = await MigrateAsync(["--database-file", File, "--to", folder.Under("back.db")]);
        Assert.True(back.ExitCode == 0, back.Error);
        Assert.Equal(TablesOf(there), TablesOf(back));
        await AssertSameAsync(Sqlite, folder.Under("back.db"));

        System.IO.File.Delete(Sqlite);
        await using var server = await StartAsync();
        using var admin = await LoginAsync(server);
        Assert.Contains($"m{Machines - 1}", await admin.GetStringAsync($"/api/v1/machines/list?search=m{Machines - 1}", Cancelled), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_database_with_anything_in_it_is_not_filled()
    {
        await FillAsync();
        await PostgresServer.RunAsync(await ReadAsync(), "CREATE TABLE notes (text text)", Cancelled);
        AssertRefused(await MigrateAsync(["--to", File]), "database.not-empty");
        AssertRefused(await MigrateAsync(["--to", Sqlite]), "database.not-empty");
        AssertRefused(await MigrateAsync(["--database-file", File, "--to", folder.Under("back.db")]), "database.no-installation");
        Assert.False(System.IO.File.Exists(folder.Under("back.db")));
    }

    [Fact]
    public async Task While_a_server_runs_nothing_is_copied_and_the_server_is_not_disturbed()
    {
        await FillAsync();
        await using (var running = await ServerProcess.StartAsync(Data, 0, null, null, null, Cancelled))
        {
            AssertRefused(await MigrateAsync(["--to", File]), "database.in-use");
        }

        Assert.Equal(0, (await MigrateAsync(["--to", File])).ExitCode);
        await using (var running = await StartAsync())
        {
            AssertRefused(await MigrateAsync(["--database-file", File, "--to", folder.Under("back.db")]), "database.in-use");
            using var client = await LoginAsync(running);
        }
    }

    [Fact]
    public async Task While_it_is_copied_no_server_starts()
    {
        await FillAsync();
        await using var alone = await DatabaseUse.TakeAloneAsync(new SqliteDialect(Sqlite), Cancelled);
        var refused = await Assert.ThrowsAsync<CommandException>(() => ServerProcess.StartAsync(Data, 0, null, null, null, Cancelled));
        Assert.Contains("database.in-copy", refused.Message, StringComparison.Ordinal);

        var postgres = new PostgresDialect(await ReadAsync());
        await using (await DatabaseUse.TakeAloneAsync(postgres, Cancelled))
        {
            refused = await Assert.ThrowsAsync<CommandException>(StartAsync);
            Assert.Contains("database.in-copy", refused.Message, StringComparison.Ordinal);
        }

        await postgres.DisposeAsync();
    }

    [Fact]
    public async Task Killed_in_the_middle_it_leaves_an_empty_target_and_the_source_as_it_was()
    {
        await FillAsync();
        var before = await SumAsync();
        await OnRowsOfEventsAsync("PERFORM pg_advisory_lock(1)");
        await using (await HoldAsync("SELECT pg_advisory_lock(1)"))
        {
            using var copying = Process.Start(Program, ["migrate-database", "--data", Data, "--to", File]);
            await UntilAsync("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event = 'advisory'");
            copying.Kill();
            await copying.WaitForExitAsync(Cancelled);
        }

        await UntilAsync("SELECT CASE count(*) WHEN 1 THEN 1 ELSE 0 END FROM pg_stat_activity WHERE datname = current_database()");
        Assert.Empty(await ListTablesAsync());
        Assert.Equal(before, await SumAsync());
        await PostgresServer.RunAsync(await ReadAsync(), "DROP EVENT TRIGGER copied", Cancelled);
        var again = await MigrateAsync(["--to", File]);
        Assert.True(again.ExitCode == 0, again.Error);

        await using (await HoldAsync("LOCK TABLE events IN ACCESS EXCLUSIVE MODE"))
        {
            using var copying = Process.Start(Program, ["migrate-database", "--data", Data, "--database-file", File, "--to", folder.Under("back.db")]);
            await UntilAsync("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'");
            copying.Kill();
            await copying.WaitForExitAsync(Cancelled);
        }

        Assert.False(System.IO.File.Exists(folder.Under("back.db")));
        await UntilAsync("SELECT CASE count(*) WHEN 1 THEN 1 ELSE 0 END FROM pg_stat_activity WHERE datname = current_database()");
        Assert.Equal(0, (await MigrateAsync(["--database-file", File, "--to", folder.Under("back.db")])).ExitCode);
        await AssertSameAsync(Sqlite, folder.Under("back.db"));
    }

    [Fact]
    public async Task What_arrives_changed_is_noticed_and_nothing_stays()
    {
        await FillAsync();
        await OnRowsOfEventsAsync("NEW.time = NEW.time + 1");
        AssertRefused(await MigrateAsync(["--to", File]), "database.copy-differs");
        Assert.Empty(await ListTablesAsync());
    }

    private static string Program => Path.Combine(AppContext.BaseDirectory, "muster-server");

    private async Task FillAsync()
    {
        await using var server = await MusterServer.StartAsync(Data);
        using var admin = await server.SignInAsync();
        await server.MakeTokenAsync("*.*");
        await server.AddPersonAsync("ä\U0001F980\n\"'", "Machines.*");
        var made = Enumerable.Range(0, Machines).Select(number => new MadeUpMachine($"m{number}", Role: number % 3 == 0 ? "wéb" : null)).ToList();
        var machines = new MadeUpMachines(server);
        await machines.AddAsync(made);
        await machines.DriftAsync(made[0], "/etc/motd");
        await server.Services.GetRequiredService<SqlDatabase>().WriteAsync(
            async sql =>
            {
                foreach (var (number, bytes) in new[] { (long.MinValue, Array.Empty<byte>()), (long.MaxValue, [0, 1, 255]), (0L, new byte[100_000]) })
                {
                    await sql.ExecuteAsync("INSERT INTO objects (kind, digest, length, stored_length, created, damaged) VALUES (7, @digest, @number, -1, 0, NULL)", new { digest = bytes, number }, Cancelled);
                    await sql.ExecuteAsync(
                        "INSERT INTO organisation_objects (organisation, kind, digest, seen_only, added) SELECT organisation, 7, @digest, 1, @number FROM organisations", new { digest = bytes, number }, Cancelled);
                }
            },
            Cancelled);
    }

    // A connection string has no other way in than its file, so these run as the real program.
    private Task<CommandResult> MigrateAsync(IEnumerable<string> more) => Command.TryAsync(Program, ["migrate-database", "--data", Data, .. more], Cancelled);

    private Task<ServerProcess> StartAsync() => ServerProcess.StartAsync(Data, 0, null, null, null, Cancelled, databaseFile: File);

    private async Task<HttpClient> LoginAsync(ServerProcess server)
    {
        await System.IO.File.WriteAllTextAsync(folder.Under("authority.pem"), await server.GetAuthorityAsync(Cancelled), Cancelled);
        var client = server.OpenClient(folder.Under("authority.pem"));
        await MusterServer.LoginAsync(client, MusterServer.AdminPassword);
        return client;
    }

    private Task<string> ReadAsync() => System.IO.File.ReadAllTextAsync(File, Cancelled);

    private static List<string> TablesOf(CommandResult said) => [.. said.Output.Split('\n').TakeWhile(line => line.Length > 0)];

    private static void AssertRefused(CommandResult result, string code)
    {
        Assert.NotEqual(0, result.ExitCode);
        Assert.Contains($"({code})", result.Error, StringComparison.Ordinal);
    }

    /// <summary>Compared by SQLite itself.</summary>
    private static async Task AssertSameAsync(string one, string other)
    {
        await using var database = new SqlDatabase(new SqliteDialect(one));
        var tables = await database.ReadAsync(sql => sql.QueryAsync<string>(database.Dialect.ListTables, null, Cancelled), Cancelled);
        Assert.Contains("organisation_objects", tables);
        await using var connection = await database.Dialect.OpenReadAsync(Cancelled);
        await using var command = connection.CreateCommand();
        command.CommandText = $"ATTACH '{other}' AS other";
        await command.ExecuteNonQueryAsync(Cancelled);
        foreach (var table in tables)
        {
            command.CommandText = $"SELECT (SELECT count(*) FROM main.\"{table}\") - (SELECT count(*) FROM other.\"{table}\"), (SELECT count(*) FROM (SELECT * FROM main.\"{table}\" EXCEPT SELECT * FROM other.\"{table}\"))";
            await using var reader = await command.ExecuteReaderAsync(Cancelled);
            await reader.ReadAsync(Cancelled);
            Assert.Equal((table, 0L, 0L), (table, reader.GetInt64(0), reader.GetInt64(1)));
        }
    }

    /// <summary>Does something to each event as it is copied, the table being made only then.</summary>
    private async Task OnRowsOfEventsAsync(string does) => await PostgresServer.RunAsync(
        await ReadAsync(),
        $"""
        CREATE FUNCTION on_row() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN {does}; RETURN NEW; END';
        CREATE FUNCTION on_table() RETURNS event_trigger LANGUAGE plpgsql AS '
            BEGIN
                IF EXISTS (SELECT FROM pg_event_trigger_ddl_commands() WHERE object_identity = ''public.events'') THEN
                    CREATE TRIGGER on_row BEFORE INSERT ON events FOR EACH ROW EXECUTE FUNCTION on_row();
                END IF;
            END';
        CREATE EVENT TRIGGER copied ON ddl_command_end WHEN TAG IN ('CREATE TABLE') EXECUTE FUNCTION on_table();
        """,
        Cancelled);

    private async Task<IAsyncDisposable> HoldAsync(string statement)
    {
        var connection = new Npgsql.NpgsqlConnection(await ReadAsync() + ";Pooling=false");
        await connection.OpenAsync(Cancelled);
        await using var command = new Npgsql.NpgsqlCommand("BEGIN; " + statement, connection);
        await command.ExecuteNonQueryAsync(Cancelled);
        return connection;
    }

    private async Task UntilAsync(string isAboveZero)
    {
        await using var connection = new Npgsql.NpgsqlConnection(await ReadAsync() + ";Pooling=false");
        await connection.OpenAsync(Cancelled);
        await using var command = new Npgsql.NpgsqlCommand(isAboveZero, connection);
        using var again = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        while (Convert.ToInt64(await command.ExecuteScalarAsync(Cancelled), System.Globalization.CultureInfo.InvariantCulture) == 0)
        {
            await again.WaitForNextTickAsync(Cancelled);
        }
    }

    private async Task<IReadOnlyList<string>> ListTablesAsync()
    {
        await using var database = new SqlDatabase(new PostgresDialect(await ReadAsync()));
        return await database.ReadAsync(sql => sql.QueryAsync<string>(database.Dialect.ListTables, null, Cancelled), Cancelled);
    }

    private async Task<string> SumAsync() => Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(await System.IO.File.ReadAllBytesAsync(Sqlite, Cancelled)));
}
