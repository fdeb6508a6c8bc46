using System.Text.Json;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Options;
using Muster.Core.Objects;
using Muster.Core.Problems;
using Muster.Protocol.Agent;
using Muster.Server.Certificates;
using Muster.Server.Database;
using Muster.Server.Edge;
using Muster.Server.Events;
using Muster.Server.Identity;
using Muster.Server.Objects;

namespace Muster.Server.Machines;

/// <summary>The routes of docs/formats/session.md behind a machine's certificate. What comes in is hostile until it is checked.</summary>
internal sealed partial class AgentApi(
    SqlDatabase database, MachineSessions sessions, ReportIntake reports, ObjectIntake objects, AgentCertificates certificates, EventLog events, IOptions<MachinesOptions> options,
    TimeProvider time, ILogger<AgentApi> log)
{
    private const long MaxReport = 16 << 20;
    private const long MaxTrees = 256L << 20;
    private const long MaxSmall = 64 << 10;

    public static void Map(IEndpointRouteBuilder routes)
    {
        var api = routes.ServiceProvider.GetRequiredService<AgentApi>();
        routes.MapPost("/agent/v1/hello", api.HelloAsync).For(new Access.Agents());
        routes.MapPost("/agent/v1/report", api.ReportAsync).For(new Access.Agents());
        routes.MapPost("/agent/v1/trees", api.TreesAsync).For(new Access.Agents());
        routes.MapPost("/agent/v1/renew", api.RenewAsync).For(new Access.Agents(Expired: true));
        routes.MapGet("/agent/v1/session", http => http.RequestServices.GetRequiredService<SessionStream>().RunAsync(http)).For(new Access.Agents());
        routes.MapGet("/agent/v1/objects/{kind}/{digest}", http => http.RequestServices.GetRequiredService<AgentObjects>().SendOneAsync(http)).For(new Access.Agents());
        routes.MapPost("/agent/v1/objects", http => http.RequestServices.GetRequiredService<AgentObjects>().SendManyAsync(http)).For(new Access.Agents());
    }

    /// <summary>Reads a body of an agent: JSON of bounded size, whose faults are the agent's.</summary>
    public static async Task<T> ReadAsync<T>(HttpContext http, long most)
        where T : class
    {
        Limit(http, most);
        try
        {
            using var document = await JsonDocument.ParseAsync(http.Request.Body, cancellationToken: http.RequestAborted);
            RefuseNullItems(document.RootElement);
            return document.Deserialize<T>(WireJson.Options) ?? throw new JsonException("the body is null");
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException)
        {
            throw new ProblemException(ProblemKind.Invalid, "body.not-json", $"the body is not a {typeof(T).Name}: {e.Message}", e);
        }
    }

    // Annotations say whether a member may be null, but not whether an item of a list may: none of ours may.
    private static void RefuseNullItems(JsonElement element)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.Object:
                foreach (var member in element.EnumerateObject())
                {
                    RefuseNullItems(member.Value);
                }

                break;
            case JsonValueKind.Array:
                foreach (var item in element.EnumerateArray())
                {
                    RefuseNullItems(item.ValueKind == JsonValueKind.Null ? throw new JsonException("an item of a list is null") : item);
                }

                break;
        }
    }

    private static void Limit(HttpContext http, long most)
    {
        if (http.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
        {
            limit.MaxRequestBodySize = most;
        }
    }

    private static Task AnswerAsync<T>(HttpContext http, T answer) => http.Response.WriteAsJsonAsync(answer, WireJson.Options, http.RequestAborted);

    private async Task HelloAsync(HttpContext http)
    {
        var caller = http.GetCaller();
        var hello = await ReadAsync<Hello>(http, MaxSmall);
        RequireProtocol(http);
        var facts = CleanText.Of(hello.Facts);
        var now = time.GetUtcNow();
        var epoch = await database.WriteAsync(
            async sql =>
            {
                var machine = await MachineStore.GetAsync(sql, caller.Organisation, caller.Machine, http.RequestAborted);
                await MachineStore.SetHelloAsync(
                    sql, machine, JsonSerializer.Serialize(facts, WireJson.Options), CleanText.Of(hello.Version, 100)!, http.Connection.RemoteIpAddress?.ToString(), now, http.RequestAborted);
                return (await Installation.GetAsync(sql, http.RequestAborted)).Epoch;
            },
            http.RequestAborted);
        sessions.Of(caller.Organisation, caller.Machine).Heard();
        await AnswerAsync(http, new HelloAnswer(options.Value.HeartbeatSeconds, epoch, now));
    }

    private static void RequireProtocol(HttpContext http)
    {
        if (http.Request.Headers["Muster-Protocol"].ToString() is not ("" or "1"))
        {
            throw new ProblemException(ProblemKind.Invalid, "protocol.unsupported", "this server speaks protocol 1");
        }
    }

    private async Task ReportAsync(HttpContext http)
    {
        var caller = http.GetCaller();
        var report = await ReadAsync<Report>(http, MaxReport);
        await AnswerAsync(http, await reports.TakeAsync(sessions.Of(caller.Organisation, caller.Machine), report, http.RequestAborted));
    }

    private async Task TreesAsync(HttpContext http)
    {
        var caller = http.GetCaller();
        var session = sessions.Of(caller.Organisation, caller.Machine);
        Limit(http, MaxTrees);
        session.CountReport();
        session.Heard();
        var machine = await database.ReadAsync(sql => MachineStore.GetAsync(sql, caller.Organisation, caller.Machine, http.RequestAborted), http.RequestAborted);
        if (machine.TreeDigest is not { } tree)
        {
            throw new ProblemException(ProblemKind.Conflict, "trees.unasked", "report the tree first");
        }

        // Another server may have taken the report and asked; the same is lacked whoever looks.
        if (!session.HasStream || session.Asked?.Tree != tree)
        {
            await reports.AskAsync(session, tree, http.RequestAborted);
        }

        var asked = session.Asked!.Value.Objects;
        await objects.AddSeenAsync(caller.Organisation, http.Request.BodyReader, asked.Count, sent => sent.All(asked.Contains), http.RequestAborted);
        await AnswerAsync(http, await reports.AskAsync(session, tree, http.RequestAborted));
    }

    private async Task RenewAsync(HttpContext http)
    {
        var caller = http.GetCaller();
        var request = await ReadAsync<RenewRequest>(http, MaxSmall);
        var chain = await database.WriteAsync(
            async sql =>
            {
                var machine = await MachineStore.GetAsync(sql, caller.Organisation, caller.Machine, http.RequestAborted);
                var issued = await certificates.RenewAsync(sql, caller.Organisation, caller.Machine, request.Request, http.RequestAborted);
                await events.AddAsync(sql, caller.Organisation, "machine.renewed", caller.Machine.ToString(), new { machine.Name }, http.RequestAborted);
                return issued;
            },
            http.RequestAborted);
        Renewed(caller.Machine, chain.Record.Expires);
        await AnswerAsync(http, new RenewAnswer(chain.Certificates));
    }

    [LoggerMessage(LogLevel.Information, "{Machine} renewed its certificate; it is good until {Expires}")]
    private partial void Renewed(MachineId machine, DateTimeOffset expires);
}
