using System.Collections.Frozen;
using Microsoft.Extensions.FileProviders;
using Microsoft.Net.Http.Headers;

namespace Muster.Server.Edge;

/// <summary>
/// The web UI's files. Built assets carry a hash in their name and are kept by browsers for ever; the page itself is asked for again
/// each time. An address without a file (<c>/machines/web-1</c>) is the page, which knows what to show.
/// </summary>
internal static class WebFiles
{
    private static readonly FrozenDictionary<string, string> Types = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase)
    {
        [".html"] = "text/html; charset=utf-8",
        [".js"] = "text/javascript; charset=utf-8",
        [".css"] = "text/css; charset=utf-8",
        [".json"] = "application/json; charset=utf-8",
        [".webmanifest"] = "application/manifest+json; charset=utf-8",
        [".svg"] = "image/svg+xml",
        [".png"] = "image/png",
        [".ico"] = "image/x-icon",
        [".woff2"] = "font/woff2",
        [".map"] = "application/json; charset=utf-8",
        [".txt"] = "text/plain; charset=utf-8",
    }.ToFrozenDictionary(StringComparer.OrdinalIgnoreCase);

    public static void Map(IEndpointRouteBuilder routes, ServerOptions options)
    {
        if (!Directory.Exists(options.WebDirectory))
        {
            return;
        }

        var files = new PhysicalFileProvider(options.WebDirectory);
        var everybody = new Access.Everybody("the web UI's own files, the same for everybody");
        foreach (var pattern in new[] { "/", "/{**path:regex(^(?!(api|agent)(/|$)).*$)}" })
        {
            routes.MapMethods(pattern, [HttpMethods.Get, HttpMethods.Head], http => SendAsync(http, files)).For(everybody);
        }
    }

    private static async Task SendAsync(HttpContext http, PhysicalFileProvider files)
    {
        var path = "/" + http.Request.RouteValues["path"];
        var file = files.GetFileInfo(path);
        if (!file.Exists || file.IsDirectory)
        {
            if (Path.HasExtension(path) && path.StartsWith("/assets/", StringComparison.Ordinal))
            {
                http.Response.StatusCode = StatusCodes.Status404NotFound;
                return;
            }

            file = files.GetFileInfo("/index.html");
        }

        if (!file.Exists || !Types.TryGetValue(Path.GetExtension(file.Name), out var type))
        {
            http.Response.StatusCode = StatusCodes.Status404NotFound;
            return;
        }

        var tag = new EntityTagHeaderValue($"\"{file.LastModified.UtcTicks:x}-{file.Length:x}\"");
        http.Response.Headers.ETag = tag.ToString();
        http.Response.Headers.CacheControl = path.StartsWith("/assets/", StringComparison.Ordinal) ? "public, max-age=31536000, immutable" : "no-cache";
        if (http.Request.GetTypedHeaders().IfNoneMatch.Any(given => given.Compare(tag, useStrongComparison: false)))
        {
            http.Response.StatusCode = StatusCodes.Status304NotModified;
            return;
        }

        http.Response.ContentType = type;
        http.Response.ContentLength = file.Length;
        if (HttpMethods.IsGet(http.Request.Method))
        {
            await http.Response.SendFileAsync(file, http.RequestAborted);
        }
    }
}
