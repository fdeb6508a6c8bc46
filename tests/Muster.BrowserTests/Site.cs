using Muster.Testing;

namespace Muster.BrowserTests;

/// <summary>The real server with the built pages.</summary>
internal static class Site
{
    public static Task<MusterServer> StartAsync(string? dataDirectory = null, int port = 0)
    {
        var built = Repository.Under("web", "dist");
        return File.Exists(Path.Combine(built, "index.html"))
            ? MusterServer.StartAsync(dataDirectory, port: port, webDirectory: built)
            : throw Peer.Missing("web/dist (npm run build in web)");
    }
}
