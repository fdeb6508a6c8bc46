using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Muster.Protocol.Agent;
using Muster.Protocol.Edge;
using Muster.Protocol.Identity;
using Muster.Protocol.Machines;
using Muster.Protocol.Objects;
using Muster.Server.Edge;
using Muster.Server.Operations;
using Muster.Testing;
using Muster.Tests.Machines;
using Muster.Tests.Operations;

namespace Muster.Tests.Edge;

/// <summary>
/// Whatever is sent, in whatever place, is somebody's mistake and answered as one: never a bug of ours. Each request that would be
/// right is made wrong in one place after the other.
/// </summary>
public sealed class HostileInputTests : IAsyncLifetime
{
    private static readonly string[] Bodies = ["null", "7", "\"text\"", "[]", "[null]", "{}", "{\"\":null}", "{\"a\":", "\u0000", "{\"a\":\"\\uD800\"}", new string('[', 200)];

    // As JSON, so that numbers can be too large for any type of ours.
    private static readonly string[] Values =
    [
        "null", "true", "-1", "0.5", "99999999999999999999999", "1e400", "\"\"", "\"\\u0000\"", "\"\\u202E\"", "\"nonsense\"", "[]", "[null]", "[[]]", "[7]", "{}", "{\"a\":null}", "{\"base64\":7}",
    ];

    private readonly List<string> bugs = [];
    private MusterServer server = null!;
    private HttpClient admin = null!;
    private HttpClient nobody = null!;
    private PaperAgent agent = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        server = await MusterServer.StartAsync();
        admin = await server.SignInAsync();
        nobody = server.CreateClient();
        agent = await PlanSamples.SeedAsync(server, admin);
    }

    public async ValueTask DisposeAsync()
    {
        agent.Dispose();
        admin.Dispose();
        nobody.Dispose();
        await server.DisposeAsync();
    }

    [Fact]
    public async Task In_the_arguments_of_a_change()
    {
        foreach (var change in Registry.All.OfType<ChangeOperation>())
        {
            await SendAllAsync(admin, change.Path + "?plan=true", PlanSamples.All[change.Name]);
        }

        Assert.Empty(bugs);
    }

    [Fact]
    public async Task In_the_query_of_a_read_or_a_stream()
    {
        string[] texts = ["", "-1", "1e400", "nonsense", "%00", "%FF", "%E2%80%AE", new string('9', 400), "[]", "null"];
        foreach (var read in Registry.All.OfType<ReadOperation>().Where(read => read.Method == HttpMethod.Get.Method))
        {
            foreach (var member in ArgumentReader.Properties(read.Arguments))
            {
                foreach (var text in texts)
                {
                    await SendAsync(admin, HttpMethod.Get, $"{read.Path}?{member.Name}={text}", null);
                    await SendAsync(admin, HttpMethod.Get, $"{read.Path}?image=sample/1&machine=sample&from=sample/1&to=sample/1&{member.Name}={text}&{member.Name}=x", null);
                }
            }
        }

        foreach (var text in texts)
        {
            await SendAsync(admin, HttpMethod.Get, "/api/v1/objects/get?object=" + text, null);
            await SendAsync(admin, HttpMethod.Get, "/api/v1/images/file?image=sample/1&path=" + text, null);
            await SendAsync(admin, HttpMethod.Post, $"/api/v1/objects/part?object={text}&length={text}&offset={text}", "x");
            await SendAsync(admin, HttpMethod.Get, $"/api/v1/plans/{(text.Length == 0 ? "x" : text)}", null);
        }

        Assert.Empty(bugs);
    }

    [Fact]
    public async Task In_what_is_sent_before_there_is_anybody()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var invitation = await PaperAgent.InviteAsync(admin, new InviteMachine(Uses: 10_000));
        await SendAllAsync(nobody, "/api/v1/login", Json(new Login("admin", "wrong")));
        await SendAllAsync(nobody, "/agent/v1/join", Json(new JoinRequest(invitation.Token, PaperAgent.Request(key), PaperAgent.Facts with { Features = ["events"] })));
        Assert.Empty(bugs);
    }

    [Fact]
    public async Task In_what_a_machine_sends()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var at = TimeProvider.System.GetUtcNow();
        var culprit = new Culprit(1, "vim", "/usr/bin/vim", "vim /etc/motd", "alice", "root", "ssh.service", null, ["sshd"], "audit");
        var report = new Report(
            0, MachineState.Drifted, default(Muster.Core.Objects.Digest), new ReportCounts(1, 1, 1, 1, 1, 1), new AgentProgress("scanning", 1, 2, "files", "text"), new UpdateDetails(1, 1, 1, 1, 1, 1, at),
            [new ConditionDetails("disk.full", "error", "title", "text", "cure", at)],
            [new DriftReport(DriftId.New(TimeProvider.System), Muster.Core.Trees.TreePath.FromText("/etc/motd"), "changed", ["content"], "restored", 14, "event", culprit, at)],
            "why");
        await SendAllAsync(agent.Client, "/agent/v1/hello", Json(new Hello(PaperAgent.Facts with { Features = ["events"] }, "0.1.0", 0, 0)));
        await SendAllAsync(agent.Client, "/agent/v1/report", Json(report));
        await SendAllAsync(agent.Client, "/agent/v1/renew", Json(new RenewRequest(PaperAgent.Request(key))));
        await SendAllAsync(agent.Client, "/agent/v1/objects", Json(new GetObjects(["file:" + new string('0', 64)])));
        await SendAllAsync(agent.Client, "/agent/v1/trees", "{}");
        Assert.Empty(bugs);
    }

    [Fact]
    public async Task In_the_arguments_of_a_read_that_is_too_long_for_a_query()
    {
        await SendAllAsync(admin, "/api/v1/objects/check", Json(new CheckObjects(["file:" + new string('0', 64)])));
        Assert.Empty(bugs);
    }

    private OperationRegistry Registry => server.Services.GetRequiredService<OperationRegistry>();

    private static string Json<T>(T value) => JsonSerializer.Serialize(value, WireJson.Options);

    private async Task SendAllAsync(HttpClient client, string path, string right)
    {
        foreach (var body in Bodies)
        {
            await SendAsync(client, HttpMethod.Post, path, body);
        }

        foreach (var body in MadeWrong(JsonNode.Parse(right)!))
        {
            await SendAsync(client, HttpMethod.Post, path, body);
        }
    }

    /// <summary>The document with each of its values missing and replaced by each of the wrong ones.</summary>
    private static IEnumerable<string> MadeWrong(JsonNode right)
    {
        foreach (var path in PathsOf(right, []))
        {
            yield return Change(right, path, null);
            foreach (var value in Values)
            {
                yield return Change(right, path, value);
            }
        }
    }

    private static IEnumerable<object[]> PathsOf(JsonNode? node, object[] path)
    {
        var below = node switch
        {
            JsonObject members => members.SelectMany(member => PathsOf(member.Value, [.. path, member.Key])),
            JsonArray items => items.SelectMany((item, index) => PathsOf(item, [.. path, index])),
            _ => [],
        };
        return path.Length > 0 ? below.Prepend(path) : below;
    }

    private static string Change(JsonNode right, object[] path, string? value)
    {
        const string mark = "\"here it is made wrong\"";
        var copy = right.DeepClone();
        var parent = path[..^1].Aggregate(copy, (node, step) => step is string name ? node[name]! : node[(int)step]!);
        switch (path[^1])
        {
            case string name when value is null:
                parent.AsObject().Remove(name);
                break;
            case string name:
                parent[name] = JsonNode.Parse(mark);
                break;
            case int index when value is null:
                parent.AsArray().RemoveAt(index);
                break;
            case int index:
                parent[index] = JsonNode.Parse(mark);
                break;
        }

        return copy.ToJsonString().Replace(mark, value, StringComparison.Ordinal);
    }

    private async Task SendAsync(HttpClient client, HttpMethod method, string path, string? body)
    {
        using var request = new HttpRequestMessage(method, path);
        if (body is not null)
        {
            request.Content = new ByteArrayContent(Encoding.UTF8.GetBytes(body)) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } };
        }

        using var answer = await client.SendAsync(request, Cancellation);
        if (answer.StatusCode == HttpStatusCode.InternalServerError)
        {
            bugs.Add($"{method} {path} {body}: {(await answer.Content.ReadFromJsonAsync<Problem>(WireJson.Options, Cancellation))!.Correlation}");
        }
    }
}
