using Muster.Core.Objects;
using Muster.Core.Problems;

namespace Muster.Server.Objects;

/// <summary>Sends objects as bodies: compressed as they lie where the caller takes that.</summary>
internal static class ObjectDownload
{
    public static ProblemException Unknown(ObjectReference reference) => new(ProblemKind.NotFound, "object.unknown", $"there is no object {reference} for you");

    public static async Task SendAsync(HttpContext http, StoredObject opened, string tag, CancellationToken cancellationToken)
    {
        await using (opened)
        {
            // Content has one name for ever, so what was fetched once is never asked for again.
            http.Response.Headers.ETag = $"\"{tag}\"";
            http.Response.Headers.CacheControl = "private, max-age=31536000, immutable";
            http.Response.Headers.Vary = "Accept-Encoding";
            http.Response.ContentType = "application/octet-stream";
            if (opened.Form.Encoding == ObjectEncoding.Zstd && AcceptsZstd(http.Request))
            {
                http.Response.Headers.ContentEncoding = "zstd";
                http.Response.ContentLength = opened.StoredLength;
                await opened.Content.CopyToAsync(http.Response.Body, cancellationToken);
                return;
            }

            http.Response.ContentLength = opened.Form.Length;
            await using var content = VerifiedObjects.Content(opened);
            await content.CopyToAsync(http.Response.Body, cancellationToken);
        }
    }

    private static bool AcceptsZstd(HttpRequest request) => request.Headers.AcceptEncoding
        .SelectMany(value => (value ?? "").Split(','))
        .Any(one => one.Split(';') is [var name, ..] parts && name.Trim() == "zstd" && !parts.Skip(1).Any(part => part.Trim() is "q=0" or "q=0.0"));
}
