using Muster.Testing;

namespace Muster.BrowserTests;

/// <summary>The real server with the built pages.</summary>
internal static class Site
{
    public static Task<MusterServer> StartAsync(string? dataDirectory = null, int port = 0, PacedTasks? tasks = null)
    {
        var built = Repository.Under("web", "dist");
        return File.Exists(Path.Combine(built, "index.html"))
            ? MusterServer.StartAsync(dataDirectory, port: port, webDirectory: built, services: tasks is null ? null : tasks.AddTo)
            : throw Peer.Missing("web/dist (npm run build in web)");
    }
}
