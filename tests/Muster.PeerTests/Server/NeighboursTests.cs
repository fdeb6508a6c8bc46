using System.Net.Http.Json;
using Microsoft.Extensions.DependencyInjection;
using Muster.PeerTests.Database;
using Muster.Protocol.Machines;
using Muster.Server.Edge;
using Muster.Server.Machines;
using Muster.Testing;
using EditMachine = Muster.Protocol.Machines.EditMachine;

namespace Muster.PeerTests.Server;

/// <summary>What one server says to the other. Their clocks stand still, so nothing that only looks each second would ever look.</summary>
public sealed class NeighboursTests(Postgres postgres) : IAsyncLifetime
{
    private readonly TemporaryFolder folder = new();
    private MusterServer first = null!;
    private MusterServer second = null!;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        var file = folder.Under("database");
        ConnectionFiles.Write(file, await (await postgres.Server).MakeDatabaseAsync(Cancelled));
        first = await MusterServer.StartAsync(folder.Under("data"), new MovableTime(), databaseFile: file);
        second = await MusterServer.StartAsync(folder.Under("data"), new MovableTime(), databaseFile: file);
        await ListeningAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await second.DisposeAsync();
        await first.DisposeAsync();
        folder.Dispose();
    }

    [Fact]
    public async Task What_is_written_at_one_is_told_to_the_readers_of_the_other()
    {
        using var writer = await first.SignInAsync();
        using var reader = second.CreateClient();
        await MusterServer.LoginAsync(reader, MusterServer.AdminPassword);
        using var stream = await reader.GetAsync("/api/v1/events/stream", HttpCompletionOption.ResponseHeadersRead, Cancelled);
        using var lines = new StreamReader(await stream.Content.ReadAsStreamAsync(Cancelled));
        await UntilAsync(lines, "event: ready");

        await new MadeUpMachines(first).AddAsync(new MadeUpMachine("one"));
        await UntilAsync(lines, "event: machine.joined");
        await new MadeUpMachines(second).AddAsync(new MadeUpMachine("two"));
        await UntilAsync(lines, "event: machine.joined");
    }

    [Fact]
    public async Task What_is_wanted_at_one_wakes_the_session_at_the_other()
    {
        var machine = new MadeUpMachine("one");
        await new MadeUpMachines(first).AddAsync(machine);
        using var admin = await first.SignInAsync();
        var organisation = await second.Services.GetRequiredService<Muster.Server.Database.SqlDatabase>()
            .ReadAsync(sql => sql.GetAsync<OrganisationId>("SELECT organisation FROM organisations", null, Cancelled), Cancelled);
        var woken = second.Services.GetRequiredService<MachineSessions>().Of(organisation, machine.Id).Signal.Next;
        var answer = await admin.PostAsJsonAsync("/api/v1/machines/edit", new EditMachine("one", Mode: MachineMode.Monitor), WireJson.Options, Cancelled);
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync(Cancelled));
        await woken.WaitAsync(Cancelled);
    }

    // Both listen when each has heard the other.
    private async Task ListeningAsync()
    {
        using var again = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        var database = first.Services.GetRequiredService<Muster.Server.Database.SqlDatabase>();
        while (await database.ReadAsync(sql => sql.GetAsync<long>("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND query = 'LISTEN muster' AND state = 'idle'", null, Cancelled), Cancelled) < 2)
        {
            await again.WaitForNextTickAsync(Cancelled);
        }
    }

    private static async Task UntilAsync(StreamReader lines, string wanted)
    {
        while (await lines.ReadLineAsync(Cancelled) is var line && line != wanted)
        {
            Assert.NotNull(line);
        }
    }
}
