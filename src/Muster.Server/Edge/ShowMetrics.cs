using Muster.Server.Identity;
using Muster.Server.Operations;

namespace Muster.Server.Edge;

/// <summary>For Prometheus: <c>authorization: { credentials: mst_… }</c> with a token that may use <c>Metrics.Show</c>.</summary>
internal sealed class ShowMetrics(Metrics metrics) : StreamOperation
{
    public override string Name => "Metrics.Show";

    public override string Summary => "Shows the server's metrics in Prometheus's text form.";

    public override string Method => HttpMethods.Get;

    public override string Path => "/metrics";

    public override string Produces => "text/plain";

    public override Task HandleAsync(HttpContext http, Caller caller, CancellationToken cancellationToken)
    {
        http.Response.ContentType = "text/plain; version=0.0.4; charset=utf-8";
        http.Response.Headers.CacheControl = "no-store";
        return http.Response.WriteAsync(metrics.Write(), cancellationToken);
    }
}
