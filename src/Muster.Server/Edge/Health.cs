using Muster.Core.Problems;

namespace Muster.Server.Edge;

/// <summary><c>/healthz</c>: the process answers. <c>/readyz</c>: it can also do its work, so a balancer may send requests.</summary>
internal static class Health
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/healthz", http => http.Response.WriteAsync("ok\n", http.RequestAborted)).For(new Access.Everybody("says only that the process answers"));
        routes.MapGet("/readyz", ReadyAsync).For(new Access.Everybody("says only whether it can work"));
    }

    private static async Task ReadyAsync(HttpContext http)
    {
        if (http.RequestServices.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping.IsCancellationRequested)
        {
            throw new ProblemException(ProblemKind.Unavailable, "server.stopping", "the server is stopping");
        }

        await http.RequestServices.GetRequiredService<Readiness>().RequireAsync(http.RequestAborted);
        await http.Response.WriteAsync("ready\n", http.RequestAborted);
    }
}
