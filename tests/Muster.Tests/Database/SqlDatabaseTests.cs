using Microsoft.Data.Sqlite;
using Muster.Core.Problems;
using Muster.Server.Database;
using Muster.Testing;

namespace Muster.Tests.Database;

public sealed class SqlDatabaseTests : IAsyncLifetime
{
    private readonly TemporaryFolder folder = new();
    private SqlDatabase database = null!;

    public async ValueTask InitializeAsync()
    {
        database = new SqlDatabase(new SqliteDialect(folder.Under("test.db")));
        await database.WriteAsync(sql => sql.ExecuteAsync("CREATE TABLE things (id INTEGER PRIMARY KEY, content BLOB)", null, Cancellation), Cancellation);
    }

    public async ValueTask DisposeAsync()
    {
        await database.DisposeAsync();
        folder.Dispose();
    }

    [Fact]
    public async Task A_reader_cannot_write_at_run_time_either()
    {
        await Assert.ThrowsAnyAsync<Exception>(() => database.ReadAsync(
            sql => sql.QueryAsync<long>("INSERT INTO things (id) VALUES (1) RETURNING id", null, Cancellation),
            Cancellation));
        Assert.Equal(0, await CountAsync());
    }

    [Fact]
    public async Task A_failed_write_leaves_nothing_behind()
    {
        await Assert.ThrowsAsync<InvalidOperationException>(() => database.WriteAsync(
            async sql =>
            {
                await sql.ExecuteAsync("INSERT INTO things (id) VALUES (1)", null, Cancellation);
                sql.AfterCommit(() => Assert.Fail("nothing was committed"));
                throw new InvalidOperationException("changed its mind");
            },
            Cancellation));
        Assert.Equal(0, await CountAsync());
    }

    [Fact]
    public async Task A_reader_sees_one_state_while_others_write()
    {
        await database.ReadAsync(
            async sql =>
            {
                var before = await sql.GetAsync<long>("SELECT count(*) FROM things", null, Cancellation);
                await InsertAsync(1);
                Assert.Equal(before, await sql.GetAsync<long>("SELECT count(*) FROM things", null, Cancellation));
                return before;
            },
            Cancellation);
        Assert.Equal(1, await CountAsync());
    }

    [Fact]
    public async Task Many_writers_at_once_all_succeed()
    {
        await Task.WhenAll(Enumerable.Range(1, 50).Select(InsertAsync));
        Assert.Equal(50, await CountAsync());
    }

    [Fact]
    public async Task A_full_disk_says_so_and_loses_nothing()
    {
        await InsertAsync(1);
        await database.WriteAsync(sql => sql.ExecuteAsync("PRAGMA max_page_count = 8", null, Cancellation), Cancellation);
        var problem = await Assert.ThrowsAsync<ProblemException>(() => database.WriteAsync(
            sql => sql.ExecuteAsync("INSERT INTO things (id, content) VALUES (2, zeroblob(1000000))", null, Cancellation),
            Cancellation));
        Assert.Equal((ProblemKind.Full, "database.full"), (problem.Kind, problem.Code));
        Assert.Equal(1, await CountAsync());

        // Room was made: what did not fit goes through.
        await database.WriteAsync(sql => sql.ExecuteAsync("PRAGMA max_page_count = 1000000", null, Cancellation), Cancellation);
        await database.WriteAsync(sql => sql.ExecuteAsync("INSERT INTO things (id, content) VALUES (2, zeroblob(1000000))", null, Cancellation), Cancellation);
        Assert.Equal(2, await CountAsync());
    }

    [Fact]
    public async Task A_migration_that_changed_or_a_newer_database_is_refused()
    {
        var first = new Migration(1, "one", "CREATE TABLE one (id {uuid} NOT NULL)");
        await Migrator.MigrateAsync(database, [first], TimeProvider.System, Cancellation);
        await Migrator.MigrateAsync(database, [first, new Migration(2, "two", "CREATE TABLE two (name {text})")], TimeProvider.System, Cancellation);

        var older = await Assert.ThrowsAsync<ProblemException>(() => Migrator.MigrateAsync(database, [first], TimeProvider.System, Cancellation));
        Assert.Equal("database.newer", older.Code);
        var changed = await Assert.ThrowsAsync<ProblemException>(
            () => Migrator.MigrateAsync(database, [new Migration(1, "one", "CREATE TABLE one (other {text})")], TimeProvider.System, Cancellation));
        Assert.Equal("database.migration-changed", changed.Code);
    }

    [Fact]
    public async Task Before_a_database_goes_forward_there_is_a_copy_of_it()
    {
        await InsertAsync(1);
        var first = new Migration(1, "one", "CREATE TABLE one (id {uuid} NOT NULL)");
        await Migrator.MigrateAsync(database, [first], TimeProvider.System, Cancellation);
        Assert.Empty(Directory.GetFiles(folder.Path, "*.before-*"));
        await Migrator.MigrateAsync(database, [first, new Migration(2, "two", "CREATE TABLE two (name {text})")], TimeProvider.System, Cancellation);

        await using var copy = new SqlDatabase(new SqliteDialect(folder.Under("test.db.before-0002")));
        var tables = await copy.ReadAsync(sql => sql.QueryAsync<string>(copy.Dialect.ListTables, null, Cancellation), Cancellation);
        Assert.Equal(["migrations", "one", "things"], tables);
        Assert.Equal(1, await copy.ReadAsync(sql => sql.GetAsync<long>("SELECT count(*) FROM things", null, Cancellation), Cancellation));
    }

    [Fact]
    public async Task A_start_after_a_migration_that_failed_keeps_the_copy_that_the_old_release_can_open()
    {
        var first = new Migration(1, "one", "CREATE TABLE one (id {uuid} NOT NULL)");
        var second = new Migration(2, "two", "CREATE TABLE two (name {text})");
        await Migrator.MigrateAsync(database, [first], TimeProvider.System, Cancellation);
        for (var start = 0; start < 2; start++)
        {
            await Assert.ThrowsAsync<SqliteException>(
                () => Migrator.MigrateAsync(database, [first, second, new Migration(3, "half", "CREATE NONSENSE")], TimeProvider.System, Cancellation));
        }

        await using var copy = new SqlDatabase(new SqliteDialect(folder.Under("test.db.before-0002")));
        Assert.Equal(["migrations", "one", "things"], await copy.ReadAsync(sql => sql.QueryAsync<string>(copy.Dialect.ListTables, null, Cancellation), Cancellation));
    }

    [Fact]
    public async Task A_migration_that_fails_leaves_no_half_of_itself()
    {
        await Assert.ThrowsAsync<SqliteException>(() => Migrator.MigrateAsync(
            database,
            [new Migration(1, "half", "CREATE TABLE half (id {uuid}); CREATE NONSENSE;")],
            TimeProvider.System,
            Cancellation));
        Assert.DoesNotContain("half", await database.ReadAsync(sql => sql.QueryAsync<string>(database.Dialect.ListTables, null, Cancellation), Cancellation));
    }

    [Fact]
    public async Task The_schema_after_all_migrations_is_the_committed_one()
    {
        using var other = new TemporaryFolder();
        await using var fresh = new SqlDatabase(new SqliteDialect(other.Under("schema.db")));
        await Migrator.MigrateAsync(fresh, Migrator.Embedded, TimeProvider.System, Cancellation);
        var schema = await fresh.ReadAsync(
            sql => sql.QueryAsync<string>("SELECT sql || ';' FROM sqlite_master WHERE sql IS NOT NULL ORDER BY type DESC, name", null, Cancellation),
            Cancellation);
        Golden.Match(string.Join("\n\n", schema), "schema.golden.txt");
    }

    [Fact]
    public async Task Times_are_kept_to_the_microsecond_and_ids_as_text()
    {
        var time = DateTimeOffset.Parse("1969-12-31T23:59:59.123456Z", System.Globalization.CultureInfo.InvariantCulture);
        var id = MachineId.New(TimeProvider.System);
        var (readTime, readId) = await database.ReadAsync(
            async sql => (
                await sql.GetAsync<DateTimeOffset>("SELECT @time", new { time }, Cancellation),
                await sql.GetAsync<MachineId>("SELECT @id", new { id }, Cancellation)),
            Cancellation);
        Assert.Equal((time, id), (readTime, readId));
    }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private Task InsertAsync(int id) => database.WriteAsync(sql => sql.ExecuteAsync("INSERT INTO things (id) VALUES (@id)", new { id }, Cancellation), Cancellation);

    private Task<long> CountAsync() => database.ReadAsync(sql => sql.GetAsync<long>("SELECT count(*) FROM things", null, Cancellation), Cancellation);
}
