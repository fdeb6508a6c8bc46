using Muster.Testing;

namespace Muster.BrowserTests;

/// <summary>The real server with the built pages.</summary>
internal static class Site
{
    public static Task<MusterServer> StartAsync()
    {
        var built = Repository.Under("web", "dist");
        return File.Exists(Path.Combine(built, "index.html"))
            ? MusterServer.StartAsync(webDirectory: built)
            : throw Peer.Missing("web/dist (npm run build in web)");
    }
}
