using Microsoft.Extensions.DependencyInjection;
using Muster.Server.Database;
using Muster.Server.Events;
using Muster.Server.Machines;

namespace Muster.Testing;

/// <summary>
/// Machines that are only rows: as many as one likes, in any state, with no agent behind them. For lists and pages; what machines do
/// is shown by real agents.
/// </summary>
internal sealed class MadeUpMachines(MusterServer server)
{
    // Heard of later than any test lasts, so that nobody finds them silent.
    private static readonly TimeSpan Ahead = TimeSpan.FromHours(1);
    private readonly SqlDatabase database = server.Services.GetRequiredService<SqlDatabase>();
    private readonly EventLog events = server.Services.GetRequiredService<EventLog>();

    public Task AddAsync(params IEnumerable<MadeUpMachine> machines) => database.WriteAsync(
        async sql =>
        {
            var organisation = await OrganisationAsync(sql);
            var now = TimeProvider.System.GetUtcNow();
            var rows = machines.ToList();
            await sql.ExecuteAsync(
                """
                INSERT INTO machines (organisation, id, name, mode, version, order_number, wanted_at, host, joined, link, state, why,
                    seen_order, entries, files, bytes, missing, extra, changed, seen_at)
                VALUES (@organisation, @Id, @Name, 'image', 1, 1, @now, @Name, @now, @Link, @State, @Why, 1, 300, 200, 1000000, 0, 0, @Changed, @seen)
                """,
                rows.Select(machine => new { organisation, machine.Id, machine.Name, machine.Link, machine.State, machine.Why, machine.Changed, now, seen = now + Ahead }),
                CancellationToken.None);
            await sql.ExecuteAsync(
                "INSERT INTO machine_labels (organisation, machine, label, value) VALUES (@organisation, @Id, 'role', @Role)",
                rows.Where(machine => machine.Role is not null).Select(machine => new { organisation, machine.Id, machine.Role }),
                CancellationToken.None);
            foreach (var machine in rows.Take(1))
            {
                await events.AddAsync(sql, organisation, "machine.joined", machine.Id.ToString(), new { machine.Name }, CancellationToken.None);
            }
        },
        CancellationToken.None);

    /// <summary>Its agent is heard to say something else.</summary>
    public Task ChangeAsync(string name, string state, string link = "connected") => database.WriteAsync(
        async sql =>
        {
            var organisation = await OrganisationAsync(sql);
            await sql.ExecuteAsync("UPDATE machines SET state = @state, link = @link, why = 'Something happened.' WHERE name = @name", new { name, state, link }, CancellationToken.None);
            var id = await sql.GetAsync<MachineId>("SELECT id FROM machines WHERE name = @name", new { name }, CancellationToken.None);
            await events.AddAsync(sql, organisation, "machine.changed", id.ToString(), new { Name = name, State = state, Why = "Something happened." }, CancellationToken.None);
        },
        CancellationToken.None);

    /// <summary>A file of it was changed by a person whose every trace is known.</summary>
    public Task DriftAsync(MadeUpMachine machine, string path) => database.WriteAsync(
        async sql => await DriftStore.AddAsync(
            sql,
            await OrganisationAsync(sql),
            [
                new DriftRow
                {
                    Id = DriftId.New(TimeProvider.System), Machine = machine.Id, Path = System.Text.Encoding.UTF8.GetBytes(path[1..]), Shown = path, What = "changed", Facets = "content time",
                    Outcome = "restored", Microseconds = 14_000, FoundBy = "event", At = TimeProvider.System.GetUtcNow(), Sentence = $"Restored {path} 14 ms after vim (alice) changed it.",
                    Culprit = """{"pid":4711,"process":"vim","executable":"/usr/bin/vim.basic","commandLine":"vim /etc/motd","login":"alice","user":"root","unit":"ssh.service","parents":["bash","sshd"],"source":"audit"}""",
                },
            ],
            CancellationToken.None),
        CancellationToken.None);

    private static Task<OrganisationId> OrganisationAsync(ReadSql sql) => sql.GetAsync<OrganisationId>("SELECT organisation FROM organisations", null, CancellationToken.None);
}

internal sealed record MadeUpMachine(string Name, string State = "inSync", string Link = "connected", string? Role = null)
{
    public MachineId Id { get; } = MachineId.New(TimeProvider.System);

    public string Why { get; init; } = "Made up for a test.";

    public long Changed { get; init; }
}
