using Microsoft.AspNetCore.Server.Kestrel.Https;
using Muster.Server.Certificates;
using Muster.Server.Operations;

namespace Muster.Server.Edge;

/// <summary>The way in: one TLS port, the order in which a request is judged.</summary>
internal static class EdgeFeature
{
    public static WebApplicationBuilder AddEdge(this WebApplicationBuilder builder, ServerOptions options)
    {
        builder.Services.AddMetrics();
        builder.Services.AddSingleton<Metrics>();
        builder.Services.AddSingleton<Readiness>();
        builder.Services.AddSingleton<RefusalLog>();
        builder.Services.AddOperation<ShowMetrics>();
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromSeconds(8));
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel((_, kestrel) =>
        {
            var certificates = kestrel.ApplicationServices.GetRequiredService<ServerCertificates>();
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = 64 << 10;
            kestrel.Limits.MaxRequestHeadersTotalSize = 32 << 10;
            kestrel.Listen(options.EndPoint, listen => listen.UseHttps(new TlsHandshakeCallbackOptions
            {
                OnConnection = connection => new(certificates.Answer(connection.ClientHelloInfo.ServerName)),
                HandshakeTimeout = TimeSpan.FromSeconds(10),
            }));
        });
        return builder;
    }

    public static void UseEdge(this WebApplication app)
    {
        // It counts from when it is made, so it is made before the first request.
        _ = app.Services.GetRequiredService<Metrics>();
        app.UseSecurityHeaders();
        app.UseMiddleware<ProblemMiddleware>();
        app.UseMiddleware<AuthorityMiddleware>();
        app.UseRouting();
        app.UseMiddleware<AccessMiddleware>();
    }

    public static void MapEdge(this IEndpointRouteBuilder routes, ServerOptions options)
    {
        Health.Map(routes);
        AuthorityApi.Map(routes);
        OpenApi.Map(routes);
        WebFiles.Map(routes, options);
    }
}
