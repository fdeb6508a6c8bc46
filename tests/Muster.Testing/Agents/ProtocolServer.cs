using System.Collections.Concurrent;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using System.Threading.Channels;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Muster.Core.Ids;
using Muster.Core.Objects;
using Muster.Core.Trees;
using Muster.Protocol;
using Muster.Protocol.Agent;
using Muster.Protocol.Machines;

namespace Muster.Testing.Agents;

/// <summary>
/// The server's side of a session (docs/formats/session.md) for one machine, without a database: objects lie in memory, orders are
/// given by the test, and the test may damage and cut what is sent. Real TLS on a loopback port.
/// </summary>
public sealed class ProtocolServer : IAsyncDisposable
{
    private readonly X509Certificate2 authority;
    private readonly X509Certificate2 leaf;
    private readonly ConcurrentDictionary<ObjectReference, byte[]> objects = [];
    private readonly Lock gate = new();
    private readonly List<Report> reports = [];
    private readonly List<Channel<string>> streams = [];
    private TaskCompletionSource changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Order? order;
    private WebApplication? app;

    private ProtocolServer()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=test authority", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        authority = request.CreateSelfSigned(TimeProvider.System.GetUtcNow().AddHours(-1), new DateTimeOffset(2100, 1, 1, 0, 0, 0, TimeSpan.Zero));
        using var leafKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        names.AddDnsName("mtls.muster.internal");
        var leafRequest = new CertificateRequest("CN=test server", leafKey, HashAlgorithmName.SHA256);
        leafRequest.CertificateExtensions.Add(names.Build());
        using var signed = Sign(leafRequest);
        leaf = signed.CopyWithPrivateKey(leafKey);
    }

    public InstallationId Installation { get; } = InstallationId.New(TimeProvider.System);

    public int Port { get; private set; }

    public string Address => $"https://localhost:{Port}";

    public string Pin => "sha256//" + Convert.ToBase64String(SHA256.HashData(leaf.PublicKey.ExportSubjectPublicKeyInfo()));

    /// <summary>What the token's holder is told; null to accept it.</summary>
    public string? RefuseJoin { get; set; }

    /// <summary>Changes what is sent as an object.</summary>
    public Func<ObjectReference, byte[], byte[]>? Tamper { get; set; }

    /// <summary>Ends each answer with objects after so many.</summary>
    public int? CutAfterObjects { get; set; }

    /// <summary>How often objects were asked for.</summary>
    public int Questions { get; private set; }

    /// <summary>Answers no question with objects.</summary>
    public bool Withhold { get; set; }

    /// <summary>How many reports were refused.</summary>
    public int Refusals { get; private set; }

    /// <summary>How many sessions were begun.</summary>
    public int Greetings { get; private set; }

    /// <summary>Answers each report with this status and problem; null to take it.</summary>
    public (int Status, string Code, TimeSpan? RetryAfter)? RefuseReports { get; set; }

    public IReadOnlyList<Report> Reports
    {
        get
        {
            lock (gate)
            {
                return [.. reports];
            }
        }
    }

    public IEnumerable<DriftReport> Drifts => Reports.SelectMany(report => report.Drift ?? []);

    /// <summary>The newest word on the machine's state, tree and conditions.</summary>
    public (MachineState? State, Digest? Tree, IReadOnlyList<ConditionDetails> Conditions) Seen => (
        Reports.LastOrDefault(report => report.State is not null)?.State,
        Reports.LastOrDefault(report => report.Tree is not null)?.Tree,
        Reports.LastOrDefault(report => report.Conditions is not null)?.Conditions ?? []);

    public static async Task<ProtocolServer> StartAsync()
    {
        var server = new ProtocolServer();
        await server.ListenAsync(0);
        return server;
    }

    public void Add(ObjectKind kind, byte[] content) => objects[new ObjectReference(kind, Digest.Of(content))] = content;

    /// <summary>Orders the machine to be like an image.</summary>
    public void Require(Digest image, MachineMode mode = MachineMode.Image, long? number = null)
    {
        lock (gate)
        {
            order = new Order(Installation, 1, number ?? (order?.Number ?? 0) + 1, [new OrderStep("keep", image, "test/image", mode)]);
        }

        Tell();
    }

    public void Give(Order given)
    {
        lock (gate)
        {
            order = given;
        }

        Tell();
    }

    /// <summary>Stops listening and breaks every connection.</summary>
    public async Task StopAsync()
    {
        if (app is { } running)
        {
            app = null;
            lock (gate)
            {
                streams.ForEach(stream => stream.Writer.TryComplete());
                streams.Clear();
            }

            await running.DisposeAsync();
        }
    }

    /// <summary>Listens again on the same port.</summary>
    public Task RestartAsync() => ListenAsync(Port);

    /// <summary>Waits until something that was reported is so.</summary>
    public async Task WaitForAsync(Func<ProtocolServer, bool> condition, CancellationToken cancellationToken)
    {
        while (true)
        {
            Task next;
            lock (gate)
            {
                next = changed.Task;
            }

            if (condition(this))
            {
                return;
            }

            await next.WaitAsync(cancellationToken);
        }
    }

    public Task WaitForStateAsync(MachineState state, CancellationToken cancellationToken) =>
        WaitForAsync(server => server.order is { } told && server.Seen.State == state && server.Reports.Any(report => report.Order == told.Number), cancellationToken);

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        authority.Dispose();
        leaf.Dispose();
    }

    private async Task ListenAsync(int port)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(options =>
        {
            options.Limits.MaxRequestBodySize = null;
            options.Listen(IPAddress.Loopback, port, listen => listen.UseHttps(new HttpsConnectionAdapterOptions
            {
                ServerCertificate = leaf,
                ClientCertificateMode = ClientCertificateMode.AllowCertificate,
                ClientCertificateValidation = (_, _, _) => true,
            }));
        });
        app = builder.Build();
        app.MapPost("/agent/v1/join", JoinAsync);
        app.MapPost("/agent/v1/renew", async http =>
        {
            var request = await ReadAsync(http, MusterJson.Default.RenewRequest);
            await WriteAsync(http, new RenewAnswer([Issue(request.Request)]), MusterJson.Default.RenewAnswer);
        });
        app.MapPost("/agent/v1/hello", async http =>
        {
            _ = await ReadAsync(http, MusterJson.Default.Hello);
            Greetings++;
            Signal();
            await WriteAsync(http, new HelloAnswer(1, 1, TimeProvider.System.GetUtcNow()), MusterJson.Default.HelloAnswer);
        });
        app.MapGet("/agent/v1/session", StreamAsync);
        app.MapPost("/agent/v1/report", ReportAsync);
        app.MapPost("/agent/v1/trees", async http =>
        {
            await http.Request.Body.CopyToAsync(Stream.Null, http.RequestAborted);
            await WriteAsync(http, new ReportAnswer([]), MusterJson.Default.ReportAnswer);
        });
        app.MapPost("/agent/v1/objects", SendObjectsAsync);
        await app.StartAsync();
        Port = new Uri(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First()).Port;
    }

    private async Task JoinAsync(HttpContext http)
    {
        var request = await ReadAsync(http, MusterJson.Default.JoinRequest);
        if (RefuseJoin is { } code)
        {
            await RefuseAsync(http, 401, code, null);
            return;
        }

        var answer = new JoinAnswer(Installation, 1, MachineId.New(TimeProvider.System), "test-machine", [Issue(request.Request)], authority.RawData, TimeProvider.System.GetUtcNow());
        await WriteAsync(http, answer, MusterJson.Default.JoinAnswer);
    }

    private async Task StreamAsync(HttpContext http)
    {
        var channel = Channel.CreateUnbounded<string>();
        lock (gate)
        {
            streams.Add(channel);
        }

        http.Response.ContentType = "text/event-stream";
        await http.Response.StartAsync();
        await WriteOrderAsync(http);
        await foreach (var _ in channel.Reader.ReadAllAsync(http.RequestAborted))
        {
            await WriteOrderAsync(http);
        }
    }

    private async Task WriteOrderAsync(HttpContext http)
    {
        Order? now;
        lock (gate)
        {
            now = order;
        }

        if (now is not null)
        {
            await http.Response.WriteAsync($"event: order\nid: {now.Epoch}.{now.Number}\ndata: {JsonSerializer.Serialize(now, MusterJson.Default.Order)}\n\n");
        }

        await http.Response.Body.FlushAsync();
    }

    private async Task ReportAsync(HttpContext http)
    {
        var report = await ReadAsync(http, MusterJson.Default.Report);
        if (RefuseReports is { } refusal)
        {
            Refusals++;
            await RefuseAsync(http, refusal.Status, refusal.Code, refusal.RetryAfter);
            return;
        }

        lock (gate)
        {
            reports.Add(report);
        }

        // Before the answer, which an agent that was just killed does not take.
        Signal();
        await WriteAsync(http, new ReportAnswer([]), MusterJson.Default.ReportAnswer);
    }

    private async Task SendObjectsAsync(HttpContext http)
    {
        var question = await ReadAsync(http, MusterJson.Default.GetObjects);
        Questions++;
        http.Response.ContentType = "application/octet-stream";
        var sent = 0;
        foreach (var text in Withhold ? [] : question.Objects)
        {
            if (sent++ == CutAfterObjects)
            {
                http.Abort();
                return;
            }

            if (ObjectReference.TryParse(text, out var reference) && objects.TryGetValue(reference, out var content))
            {
                content = Tamper?.Invoke(reference, content) ?? content;
                var writer = new ByteWriter();
                new BatchHeader(reference, ObjectEncoding.Plain, content.Length, content.Length).Write(writer);
                await http.Response.Body.WriteAsync(writer.ToArray());
                await http.Response.Body.WriteAsync(content);
            }
        }
    }

    private static Task RefuseAsync(HttpContext http, int status, string code, TimeSpan? retryAfter)
    {
        http.Response.StatusCode = status;
        http.Response.ContentType = "application/problem+json";
        if (retryAfter is { } wait)
        {
            http.Response.Headers.RetryAfter = $"{(int)wait.TotalSeconds}";
        }

        return http.Response.WriteAsync($$"""{"code":"{{code}}","detail":"it is refused: {{code}}"}""");
    }

    private void Signal()
    {
        TaskCompletionSource signal;
        lock (gate)
        {
            signal = changed;
            changed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }

        signal.TrySetResult();
    }

    private void Tell()
    {
        lock (gate)
        {
            streams.ForEach(stream => stream.Writer.TryWrite(""));
        }
    }

    private byte[] Issue(byte[] request) => Sign(CertificateRequest.LoadSigningRequest(request, HashAlgorithmName.SHA256, CertificateRequestLoadOptions.UnsafeLoadCertificateExtensions)).RawData;

    private X509Certificate2 Sign(CertificateRequest request)
    {
        var serial = RandomNumberGenerator.GetBytes(12);
        serial[0] &= 0x7F;
        var now = TimeProvider.System.GetUtcNow();
        return request.Create(authority, now.AddHours(-1), now.AddDays(7), serial);
    }

    private static async Task<T> ReadAsync<T>(HttpContext http, System.Text.Json.Serialization.Metadata.JsonTypeInfo<T> type) =>
        (await http.Request.ReadFromJsonAsync(type, http.RequestAborted))!;

    private static Task WriteAsync<T>(HttpContext http, T value, System.Text.Json.Serialization.Metadata.JsonTypeInfo<T> type) =>
        http.Response.WriteAsJsonAsync(value, type, cancellationToken: http.RequestAborted);
}
