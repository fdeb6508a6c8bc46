using Microsoft.Extensions.Options;
using Muster.Protocol.Machines;
using Muster.Server.Database;
using Muster.Server.Events;

namespace Muster.Server.Machines;

/// <summary>
/// Whether each machine's agent talks to us: connected while its stream is open, reconnecting when that broke, unreachable after silence.
/// Heartbeats stay in memory and are written in batches, so that an idle fleet costs next to nothing.
/// </summary>
internal sealed partial class MachineLinks(
    SqlDatabase database, MachineSessions sessions, EventLog events, IOptions<MachinesOptions> options, TimeProvider time, ILogger<MachineLinks> log)
    : Loop(time, log)
{
    private static readonly TimeSpan WriteEvery = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan JudgeEvery = TimeSpan.FromSeconds(3);

    // Another server's clock may be a little behind; waking a machine for nothing costs one look.
    private static readonly TimeSpan Overlap = TimeSpan.FromSeconds(5);

    private DateTimeOffset looked = DateTimeOffset.UnixEpoch;
    private DateTimeOffset written;
    private DateTimeOffset judged;
    private bool begun;

    public Task ConnectedAsync(MachineRow machine, CancellationToken cancellationToken) => ChangeAsync(machine.Organisation, machine.Id, machine.Name, MachineLink.Connected, cancellationToken);

    public Task BrokenAsync(MachineRow machine, CancellationToken cancellationToken) => ChangeAsync(machine.Organisation, machine.Id, machine.Name, MachineLink.Reconnecting, cancellationToken);

    protected override async Task<bool> RoundAsync(CancellationToken cancellationToken)
    {
        var now = Time.GetUtcNow();
        await WakeAsync(now, cancellationToken);
        await WriteHeardAsync(now, cancellationToken);
        if (now - judged >= JudgeEvery)
        {
            foreach (var machine in await database.ReadAsync(sql => MachineStore.ListLinkedAsync(sql, cancellationToken), cancellationToken))
            {
                await JudgeAsync(machine, now, cancellationToken);
            }

            judged = now;
            begun = true;
        }

        return false;
    }

    private async Task WakeAsync(DateTimeOffset now, CancellationToken cancellationToken)
    {
        foreach (var machine in await database.ReadAsync(sql => MachineStore.ListWantedSinceAsync(sql, looked - Overlap, cancellationToken), cancellationToken))
        {
            sessions.Wake(machine);
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

    private async Task JudgeAsync(LinkedMachine machine, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var session = sessions.Find(machine.Id);
        var heardAt = session is not null && session.HeardAt > machine.SeenAt ? session.HeardAt : machine.SeenAt;
        if (now - heardAt >= options.Value.UnreachableAfter)
        {
            // A stream that is silent that long is dead, even where no one has told us.
            session?.End();
            await ChangeAsync(machine.Organisation, machine.Id, machine.Name, MachineLink.Unreachable, cancellationToken);
        }
        else if (!begun && session is not { HasStream: true } && machine.Link == Words.Of(MachineLink.Connected))
        {
            // Connected to the server that ran before this one.
            await ChangeAsync(machine.Organisation, machine.Id, machine.Name, MachineLink.Reconnecting, cancellationToken);
        }
    }

    private async Task ChangeAsync(OrganisationId organisation, MachineId machine, string name, MachineLink link, CancellationToken cancellationToken)
    {
        var changed = await database.WriteAsync(
            async sql =>
            {
                if (!await MachineStore.SetLinkAsync(sql, organisation, machine, link, link == MachineLink.Connected ? Time.GetUtcNow() : null, cancellationToken))
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
