using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Muster.Testing;

namespace Muster.PeerTests.Objects;

/// <summary>Stands before a real S3 service, hands on every request and answer as they are, and does to some what a test wants.</summary>
internal sealed class S3Interposer : IAsyncDisposable
{
    private readonly WebApplication app;
    private readonly HttpClient client = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseProxy = false });
    private readonly int behind;

    private S3Interposer(WebApplication app, int behind)
    {
        this.app = app;
        this.behind = behind;
    }

    public int Port => new Uri(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First()).Port;

    /// <summary>Asked about each request; true when it answered and the service is to hear nothing.</summary>
    public Func<HttpContext, Task<bool>> Instead { get; set; } = _ => Task.FromResult(false);

    /// <summary>Method and path of every request.</summary>
    public ConcurrentQueue<string> Heard { get; } = [];

    public static async Task<S3Interposer> StartAsync(S3Server server)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0").ConfigureKestrel(kestrel => kestrel.Limits.MaxRequestBodySize = null);
        var app = builder.Build();
        var interposer = new S3Interposer(app, server.Port);
        app.Run(interposer.HandleAsync);
        await app.StartAsync();
        return interposer;
    }

    /// <summary>An answer as S3 gives it.</summary>
    public static async Task<bool> RefuseAsync(HttpContext http, int status, string code, string more = "")
    {
        await http.Request.Body.CopyToAsync(Stream.Null);
        http.Response.StatusCode = status;
        http.Response.ContentType = "application/xml";
        await http.Response.WriteAsync($"<?xml version=\"1.0\" encoding=\"UTF-8\"?><Error><Code>{code}</Code><Message>as the service says it</Message>{more}<RequestId>1</RequestId></Error>");
        return true;
    }

    /// <summary>The connection breaks while the request is on its way.</summary>
    public static async Task<bool> CutAsync(HttpContext http)
    {
        await http.Request.Body.ReadAtLeastAsync(new byte[1000], 1000, throwOnEndOfStream: false);
        http.Abort();
        return true;
    }

    public async ValueTask DisposeAsync()
    {
        await app.DisposeAsync();
        client.Dispose();
    }

    private async Task HandleAsync(HttpContext http)
    {
        Heard.Enqueue($"{http.Request.Method} {http.Request.Path}");
        if (await Instead(http))
        {
            return;
        }

        // The target as it was sent: the signature is over it, and over the host.
        var target = http.Features.Get<Microsoft.AspNetCore.Http.Features.IHttpRequestFeature>()!.RawTarget;
        using var request = new HttpRequestMessage(new HttpMethod(http.Request.Method), new Uri($"http://127.0.0.1:{behind.ToString(CultureInfo.InvariantCulture)}{target}"));
        if (http.Request.ContentLength is not null)
        {
            request.Content = new StreamContent(http.Request.Body);
        }

        foreach (var (name, values) in http.Request.Headers)
        {
            if (!request.Headers.TryAddWithoutValidation(name, values.AsEnumerable()))
            {
                request.Content?.Headers.TryAddWithoutValidation(name, values.AsEnumerable());
            }
        }

        using var answer = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, http.RequestAborted);
        http.Response.StatusCode = (int)answer.StatusCode;
        foreach (var (name, values) in answer.Headers.Concat(answer.Content.Headers).Where(header => header.Key is not ("Transfer-Encoding" or "Connection")))
        {
            http.Response.Headers[name] = values.ToArray();
        }

        if (answer.StatusCode is not (HttpStatusCode.NoContent or HttpStatusCode.NotModified))
        {
            await answer.Content.CopyToAsync(http.Response.Body, http.RequestAborted);
        }
    }
}
