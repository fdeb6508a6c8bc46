using Microsoft.Extensions.Options;
using Muster.Core.Problems;
using Muster.Protocol.Agent;
using Muster.Protocol.Machines;
using Muster.Server.Certificates;
using Muster.Server.Database;
using Muster.Server.Edge;
using Muster.Server.Events;

namespace Muster.Server.Machines;

/// <summary>
/// How a machine becomes one of ours: the script, the agent, and the exchange of an invitation for an identity. The invitation is the
/// only thing that is trusted; what the machine says of itself is cleaned and shown.
/// </summary>
internal sealed partial class JoinApi(
    SqlDatabase database, AgentCertificates certificates, ServerCertificates server, AgentPackage package, PublicAddress address, EventLog events,
    MachineSessions sessions, Neighbours neighbours, MachinesMetrics metrics, TimeProvider time, ILogger<JoinApi> log)
{
    private const long MaxRequest = 64 << 10;
    private const int MostSuffix = 10_000;

    public static void Map(IEndpointRouteBuilder routes)
    {
        var api = routes.ServiceProvider.GetRequiredService<JoinApi>();
        routes.MapGet("/join", api.ScriptAsync).For(new Access.Everybody("a machine that has nothing yet reads it; it holds no secret"));
        routes.MapGet("/join/agent.tar.gz", api.PackageAsync).For(new Access.Everybody("the agent is no secret"));
        routes.MapPost("/agent/v1/join", api.JoinAsync).For(new Access.Everybody("the invitation's token is the proof"));
    }

    private async Task ScriptAsync(HttpContext http)
    {
        http.Response.ContentType = "text/x-shellscript; charset=utf-8";
        http.Response.Headers.CacheControl = "no-store";
        await http.Response.WriteAsync(JoinScript.For(address.UrlFor(http.Request), server.Pins), http.RequestAborted);
    }

    private async Task PackageAsync(HttpContext http)
    {
        var path = await package.GetAsync(http.RequestAborted);
        http.Response.ContentType = "application/gzip";
        await http.Response.SendFileAsync(path, http.RequestAborted);
    }

    private async Task JoinAsync(HttpContext http)
    {
        var request = await AgentApi.ReadAsync<JoinRequest>(http, MaxRequest);
        var facts = CleanText.Of(request.Facts);
        var cancellation = http.RequestAborted;
        var hash = InvitationStore.Hash(request.Token.Reveal());

        // There is one writer: whoever knows no token must not make others wait for it.
        Judge(await database.ReadAsync(sql => InvitationStore.FindAsync(sql, hash, cancellation), cancellation));
        var (answer, name) = await database.WriteAsync(
            async sql =>
            {
                var invitation = Judge(await InvitationStore.FindAsync(sql, hash, cancellation));
                var (machine, given) = await AdmitAsync(sql, invitation, facts.HostName, cancellation);
                await InvitationStore.UseAsync(sql, invitation, cancellation);
                var issued = await certificates.IssueAsync(sql, invitation.Organisation, machine, request.Request, cancellation);
                var installation = await Installation.GetAsync(sql, cancellation);
                await events.AddAsync(sql, invitation.Organisation, "machine.joined", machine.ToString(), new { Name = given, Invitation = invitation.Id }, cancellation);
                return (new JoinAnswer(installation.Id, installation.Epoch, machine, given, issued.Certificates, certificates.Root, time.GetUtcNow()), given);
            },
            cancellation);
        metrics.Joined();
        Joined(name, http.Connection.RemoteIpAddress);
        await http.Response.WriteAsJsonAsync(answer, WireJson.Options, cancellation);
    }

    private InvitationRow Judge(InvitationRow? invitation) => invitation switch
    {
        null => throw Refuse("join.token-unknown", "this server did not make that join token; copy the whole line again, or make a new one"),
        { Used: var used, Uses: var uses } when used >= uses => throw Refuse("join.token-used", uses == 1 ? "this join token was used already; each line joins one machine" : $"this join token was used by all {uses} machines it was made for"),
        _ when invitation.Expires <= time.GetUtcNow() => throw Refuse("join.token-expired", $"this join token expired at {invitation.Expires:u}; make a new one"),
        _ => invitation,
    };

    private static ProblemException Refuse(string code, string why) => new(ProblemKind.Unauthenticated, code, why);

    /// <summary>
    /// A name that a person gave in the invitation is that machine, also when it is there already: a host that was installed anew takes its
    /// own place. A name that only the host says of itself never takes anybody's place.
    /// </summary>
    private async Task<(MachineId Machine, string Name)> AdmitAsync(WriteSql sql, InvitationRow invitation, string host, CancellationToken cancellationToken)
    {
        var organisation = invitation.Organisation;
        if (invitation.Name is { } named && await MachineStore.IsNameTakenAsync(sql, organisation, named, cancellationToken))
        {
            var present = await MachineStore.GetAsync(sql, organisation, named, cancellationToken);
            if (await IsConnectedAsync(sql, present, cancellationToken))
            {
                throw new ProblemException(ProblemKind.Conflict, "join.name-taken", $"a machine {named} is connected; delete it first, or join under another name");
            }

            await certificates.RevokeAsync(sql, organisation, present.Id, cancellationToken);
            await MachineStore.ForgetSeenAsync(sql, present, host, cancellationToken);
            return (present.Id, named);
        }

        var machine = MachineId.New(time);
        var name = invitation.Name ?? await FreeNameAsync(sql, organisation, host, cancellationToken);
        await MachineStore.AddAsync(sql, organisation, machine, name, host, time.GetUtcNow(), cancellationToken);
        return (machine, name);
    }

    private async Task<bool> IsConnectedAsync(ReadSql sql, MachineRow machine, CancellationToken cancellationToken) =>
        sessions.Find(machine.Id) is { HasStream: true }
        || (machine.LinkNow == MachineLink.Connected && machine.Server is { } server && server != neighbours.Me && (await neighbours.ListAsync(sql, cancellationToken)).Contains(server));

    private static async Task<string> FreeNameAsync(WriteSql sql, OrganisationId organisation, string host, CancellationToken cancellationToken)
    {
        var wanted = new string([.. host.Where(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '_').SkipWhile(c => !char.IsAsciiLetterOrDigit(c)).Take(200)]);
        wanted = wanted.Length > 0 && !MachineId.TryParse(wanted, out _) ? wanted : "machine";
        for (var number = 1; number < MostSuffix; number++)
        {
            var name = number == 1 ? wanted : $"{wanted}-{number}";
            if (!await MachineStore.IsNameTakenAsync(sql, organisation, name, cancellationToken))
            {
                return name;
            }
        }

        throw new ProblemException(ProblemKind.Conflict, "join.name-taken", $"{MostSuffix} machines are named {wanted}; give this one a name with the invitation");
    }

    [LoggerMessage(LogLevel.Information, "{Machine} joined from {Address}")]
    private partial void Joined(string machine, System.Net.IPAddress? address);
}
