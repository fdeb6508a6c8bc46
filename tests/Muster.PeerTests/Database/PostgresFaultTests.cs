using Muster.Core.Problems;
using Muster.Server.Database;
using Muster.Testing;
using Npgsql;

namespace Muster.PeerTests.Database;

/// <summary>What an operator reads when the database is not as it should be: where, what, and never the password.</summary>
public sealed class PostgresFaultTests(Postgres postgres)
{
    private const string Password = "hunter2-and-more";

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("Host=127.0.0.1;Port=1;Username=muster;Database=muster", "database.unreachable", "127.0.0.1/muster does not answer")]
    [InlineData("Host=nowhere.invalid;Username=muster;Database=muster", "database.unreachable", "nowhere.invalid/muster does not answer")]
    [InlineData("Host=/nowhere;Username=muster;Database=muster", "database.unreachable", "/nowhere/muster does not answer")]
    [InlineData("Host=127.0.0.1:1,nowhere.invalid:2;Username=muster;Database=muster", "database.unreachable", "127.0.0.1:1,nowhere.invalid:2/muster does not answer")]
    public async Task Nothing_there_to_answer(string connectionString, string code, string said)
    {
        var problem = await RefusedAsync(connectionString + ";Password=" + Password);
        Assert.Equal((code, ProblemKind.Unavailable), (problem.Code, problem.Kind));
        Assert.Contains(said, problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_wrong_password() => await AssertRefusedAsync(given => given.Password = Password, "database.login", "refuses the login");

    [Fact]
    public async Task A_user_that_does_not_exist() => await AssertRefusedAsync(given => (given.Username, given.Password) = ("nobody", Password), "database.login", "refuses the login");

    [Fact]
    public async Task A_database_that_does_not_exist() => await AssertRefusedAsync(given => given.Database = "nowhere", "database.open", "nowhere does not exist: create it");

    [Fact]
    public async Task A_schema_that_does_not_exist() => await AssertRefusedAsync(given => given.SearchPath = "nowhere", "database.schema", "create it");

    [Fact]
    public async Task Encryption_that_is_demanded_and_not_there() => await AssertRefusedAsync(given => given.SslMode = SslMode.Require, "database.unreachable", "SSL");

    [Fact]
    public async Task A_user_who_may_not_make_tables()
    {
        var server = await postgres.Server;
        await server.RunAsync($"CREATE ROLE guest LOGIN PASSWORD '{Password}'", Cancelled);
        await AssertRefusedAsync(given => (given.Username, given.Password) = ("guest", Password), "database.denied", "make it the owner");
    }

    [Fact]
    public async Task A_standby_that_takes_no_writes()
    {
        var server = await postgres.Server;
        await server.RunAsync($"CREATE ROLE standby LOGIN SUPERUSER PASSWORD '{Password}'", Cancelled);
        await server.RunAsync("ALTER ROLE standby SET default_transaction_read_only = on", Cancelled);
        await AssertRefusedAsync(given => (given.Username, given.Password) = ("standby", Password), "database.standby", "takes no writes");
    }

    [Theory]
    [InlineData("")]
    [InlineData("Host=db;Username=muster;Password=abc;" + Password + "=x;Database=muster")]
    [InlineData("Host=db;Username=muster;Password=\"" + Password)]
    [InlineData("Username=muster;Password=" + Password)]
    [InlineData("postgres://muster:" + Password + "@db/muster")]
    [InlineData("Host=db;Database=muster;Port=" + Password)]
    public void A_connection_string_that_cannot_be_read_is_not_repeated(string connectionString)
    {
        var problem = Assert.Throws<ProblemException>(() => new PostgresDialect(connectionString));
        Assert.Equal("database.connection-string", problem.Code);
        Assert.DoesNotContain(Password, problem.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_connection_file_that_others_may_read_is_refused_and_one_that_is_not_there_named()
    {
        using var folder = new TemporaryFolder();
        var file = folder.Under("database");
        Assert.Contains(file, Assert.Throws<ProblemException>(() => ConnectionFile.Read(file)).Message, StringComparison.Ordinal);
        ConnectionFiles.Write(file, "Host=db");
        Assert.Equal("Host=db", ConnectionFile.Read(file));
        File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.OtherRead);
        Assert.Equal("database.file-open", Assert.Throws<ProblemException>(() => ConnectionFile.Read(file)).Code);
    }

    [Fact]
    public async Task A_write_whose_end_nobody_told_is_said_to_be_uncertain()
    {
        await using var database = await MakeAsync();

        // It dies as it commits, as a server does whose power goes.
        await database.WriteAsync(
            sql => sql.ExecuteAsync(
                """
                CREATE FUNCTION die() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NULL; END';
                CREATE CONSTRAINT TRIGGER dies AFTER INSERT ON things DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION die()
                """,
                null,
                Cancelled),
            Cancelled);

        var problem = await Assert.ThrowsAsync<ProblemException>(() => database.WriteAsync(sql => InsertAsync(sql, 1), Cancelled));
        Assert.Equal(("database.uncertain", ProblemKind.Unavailable), (problem.Code, problem.Kind));
        Assert.Equal(0, await CountAsync(database));
    }

    [Fact]
    public async Task A_connection_that_breaks_before_the_end_changed_nothing_and_the_next_write_has_another()
    {
        await using var database = await MakeAsync();
        var problem = await Assert.ThrowsAsync<ProblemException>(() => database.WriteAsync(
            async sql =>
            {
                await InsertAsync(sql, 1);
                await sql.GetAsync<bool>("SELECT pg_terminate_backend(pg_backend_pid())", null, Cancelled);
            },
            Cancelled));
        Assert.Equal("database.unreachable", problem.Code);
        Assert.Equal(0, await CountAsync(database));
        await database.WriteAsync(sql => InsertAsync(sql, 2), Cancelled);
        Assert.Equal(1, await CountAsync(database));
    }

    [Fact]
    public async Task A_look_cannot_write()
    {
        await using var database = await MakeAsync();
        await Assert.ThrowsAsync<ProblemException>(() => database.ReadAsync(sql => sql.GetAsync<long>("INSERT INTO things (id) VALUES (1) RETURNING id", null, Cancelled), Cancelled));
        Assert.Equal(0, await CountAsync(database));
    }

    [Fact]
    public async Task Twenty_that_want_the_same_row_all_have_their_turn()
    {
        await using var database = await MakeAsync();
        await database.WriteAsync(sql => InsertAsync(sql, 0), Cancelled);
        await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => database.WriteAsync(
            async sql =>
            {
                var old = await sql.GetAsync<long>("SELECT id FROM things", null, Cancelled);
                await sql.ExecuteAsync("UPDATE things SET id = @next", new { next = old + 1 }, Cancelled);
            },
            Cancelled)));
        Assert.Equal(20, await database.ReadAsync(sql => sql.GetAsync<long>("SELECT id FROM things", null, Cancelled), Cancelled));
    }

    private async Task<SqlDatabase> MakeAsync()
    {
        var database = new SqlDatabase(new PostgresDialect(await (await postgres.Server).MakeDatabaseAsync(Cancelled)));
        await database.WriteAsync(sql => sql.ExecuteAsync("CREATE TABLE things (id bigint PRIMARY KEY)", null, Cancelled), Cancelled);
        return database;
    }

    private static Task<int> InsertAsync(WriteSql sql, long id) => sql.ExecuteAsync("INSERT INTO things (id) VALUES (@id)", new { id }, Cancelled);

    private static Task<long> CountAsync(SqlDatabase database) => database.ReadAsync(sql => sql.GetAsync<long>("SELECT count(*) FROM things", null, Cancelled), Cancelled);

    private async Task AssertRefusedAsync(Action<NpgsqlConnectionStringBuilder> spoil, string code, string said)
    {
        var given = new NpgsqlConnectionStringBuilder((await postgres.Server).ConnectionString);
        spoil(given);
        var problem = await RefusedAsync(given.ConnectionString);
        Assert.Equal((code, ProblemKind.Unavailable), (problem.Code, problem.Kind));
        Assert.Contains(said, problem.Message, StringComparison.Ordinal);
    }

    private static async Task<ProblemException> RefusedAsync(string connectionString)
    {
        await using var database = new SqlDatabase(new PostgresDialect(connectionString));
        var problem = await Assert.ThrowsAsync<ProblemException>(() => Migrator.MigrateAsync(database, Migrator.Embedded, TimeProvider.System, Cancelled));
        Assert.DoesNotContain(Password, problem.ToString(), StringComparison.Ordinal);
        return problem;
    }
}
