using Microsoft.Extensions.Options;
using Muster.Protocol.Machines;
using Muster.Server.Database;
using Muster.Server.Events;

namespace Muster.Server.Machines;

/// <summary>
/// Whether each machine's agent talks to a server: connected while its stream is open, reconnecting when that broke or its server is gone,
/// unreachable after silence. Heartbeats stay in memory and are written in batches, so that an idle fleet costs next to nothing.
/// </summary>
internal sealed partial class MachineLinks : Loop
{
    private static readonly TimeSpan WriteEvery = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan JudgeEvery = TimeSpan.FromSeconds(3);

    // Another server's clock may be a little behind; waking a machine for nothing costs one look.
    private static readonly TimeSpan Overlap = TimeSpan.FromSeconds(5);

    private readonly SqlDatabase database;
    private readonly MachineSessions sessions;
    private readonly EventLog events;
    private readonly Neighbours neighbours;
    private readonly IOptions<MachinesOptions> options;
    private readonly ILogger log;
    private DateTimeOffset looked = DateTimeOffset.UnixEpoch;
    private DateTimeOffset written;
    private DateTimeOffset judged;

    public MachineLinks(
        SqlDatabase database, MachineSessions sessions, EventLog events, Neighbours neighbours, IOptions<MachinesOptions> options, TimeProvider time, ILogger<MachineLinks> log)
        : base(time, log)
    {
        (this.database, this.sessions, this.events, this.neighbours, this.options, this.log) = (database, sessions, events, neighbours, options, log);
        neighbours.On(MachineSessions.Topic, said => _ = MachineId.TryParse(said, out var machine) && sessions.WakeHere(machine));
    }

    /// <summary>Its stream is open at this server.</summary>
    public Task ConnectedAsync(MachineRow machine, CancellationToken cancellationToken) => ConnectedAsync(machine.Organisation, machine.Id, machine.Name, cancellationToken);

    /// <summary>The stream that was open at this server is not any more.</summary>
    public Task BrokenAsync(MachineRow machine, CancellationToken cancellationToken) =>
        ChangeAsync(machine.Organisation, machine.Id, machine.Name, MachineLink.Reconnecting, sql => MachineStore.SetLostAsync(sql, machine.Organisation, machine.Id, neighbours.Me, MachineLink.Reconnecting, cancellationToken), cancellationToken);

    protected override async Task<bool> RoundAsync(CancellationToken cancellationToken)
    {
        var now = Time.GetUtcNow();
        await WakeAsync(now, cancellationToken);
        await WriteHeardAsync(now, cancellationToken);
        if (now - judged >= JudgeEvery)
        {
            var (machines, servers) = await database.ReadAsync(
                async sql => (await MachineStore.ListLinkedAsync(sql, cancellationToken), await neighbours.ListAsync(sql, cancellationToken)), cancellationToken);
            foreach (var machine in machines)
            {
                await JudgeAsync(machine, servers, now, cancellationToken);
            }

            judged = now;
        }

        return false;
    }

    private async Task WakeAsync(DateTimeOffset now, CancellationToken cancellationToken)
    {
        foreach (var machine in await database.ReadAsync(sql => MachineStore.ListWantedSinceAsync(sql, looked - Overlap, cancellationToken), cancellationToken))
        {
            sessions.WakeHere(machine);
        }

        looked = now;
    }

    private async Task WriteHeardAsync(DateTimeOffset now, CancellationToken cancellationToken)
    {
        if (now - written < WriteEvery)
        {
            return;
        }

        written = now;
        var heard = sessions.All.Where(session => session.HeardAt > session.WrittenAt).Select(session => (Session: session, At: session.HeardAt)).ToList();
        if (heard.Count == 0)
        {
            return;
        }

        await database.WriteAsync(sql => MachineStore.SetSeenAtAsync(sql, heard.Select(one => (one.Session.Organisation, one.Session.Machine, one.At)), cancellationToken), cancellationToken);
        heard.ForEach(one => one.Session.WrittenAt = one.At);
    }

    private async Task JudgeAsync(LinkedMachine machine, IReadOnlySet<string> servers, DateTimeOffset now, CancellationToken cancellationToken)
    {
        if (machine.Server is { } server && server != neighbours.Me && servers.Contains(server))
        {
            // It is the other server's to judge, and what was said here of its progress is old.
            sessions.Forget(machine.Id);
            return;
        }

        var session = sessions.Find(machine.Id);
        var heardAt = session is not null && session.HeardAt > machine.SeenAt ? session.HeardAt : machine.SeenAt;
        if (now - heardAt >= options.Value.UnreachableAfter)
        {
            // A stream that is silent that long is dead, even where no one has told us.
            session?.End();
            await LostAsync(machine, MachineLink.Unreachable, cancellationToken);
        }
        else if (machine.Server is not null && machine.Server != neighbours.Me && machine.Link == Words.Of(MachineLink.Connected))
        {
            // Connected to a server that is gone.
            await LostAsync(machine, MachineLink.Reconnecting, cancellationToken);
        }
        else if (machine.Server == neighbours.Me && session is { HasStream: true } && machine.Link != Words.Of(MachineLink.Connected))
        {
            // The others took this server for gone while it could not reach the database.
            await ConnectedAsync(machine.Organisation, machine.Id, machine.Name, cancellationToken);
        }
    }

    private Task ConnectedAsync(OrganisationId organisation, MachineId machine, string name, CancellationToken cancellationToken) =>
        ChangeAsync(
            organisation, machine, name, MachineLink.Connected, sql => MachineStore.SetConnectedAsync(sql, organisation, machine, neighbours.Me, Time.GetUtcNow(), cancellationToken), cancellationToken);

    private Task LostAsync(LinkedMachine machine, MachineLink link, CancellationToken cancellationToken) =>
        ChangeAsync(machine.Organisation, machine.Id, machine.Name, link, sql => MachineStore.SetLostAsync(sql, machine.Organisation, machine.Id, machine.Server, link, cancellationToken), cancellationToken);

    private async Task ChangeAsync(OrganisationId organisation, MachineId machine, string name, MachineLink link, Func<WriteSql, Task<bool>> change, CancellationToken cancellationToken)
    {
        var changed = await database.WriteAsync(
            async sql =>
            {
                if (!await change(sql))
                {
                    return false;
                }

                await events.AddAsync(sql, organisation, "machine.changed", machine.ToString(), new { Name = name, Link = link }, cancellationToken);
                return true;
            },
            cancellationToken);
        if (changed)
        {
            LinkChanged(name, link);
        }
    }

    [LoggerMessage(LogLevel.Information, "{Machine} is {Link}")]
    private partial void LinkChanged(string machine, MachineLink link);
}
