using System.Globalization;
using Microsoft.Extensions.Options;
using Muster.Core.Objects;
using Muster.Core.Problems;
using Muster.Files;
using Muster.Protocol.Objects;
using Muster.Server.Edge;
using Muster.Server.Identity;
using Muster.Server.Operations;

namespace Muster.Server.Objects;

/// <summary>
/// <c>?object=file:…&amp;length=TOTAL&amp;offset=WHERE</c> with a piece of the content as body, compressed where <c>Content-Encoding: zstd</c>
/// says so; without offset it answers how far the upload is.
/// </summary>
internal sealed class AddPart(PartUploads parts, IOptions<ObjectsOptions> options) : StreamOperation
{
    public override string Name => "Objects.Part";

    public override string Summary => "Takes a piece of a large file, and goes on where the last one ended.";

    public override string Method => HttpMethods.Post;

    public override long? MaxBodyBytes => UploadBody.Most;

    public override string Consumes => "application/octet-stream";

    public override string Produces => "application/json";

    public override Type Result => typeof(ObjectPart);

    public override IReadOnlyList<StreamParameter> Parameters =>
    [
        new("object", "a reference such as file:9f86d081…", Required: true),
        new("length", "the length of the whole file", Required: true, typeof(long)),
        new("offset", "where the body belongs, which is where the last piece ended; without it the answer says how far the upload is", Type: typeof(long)),
    ];

    public override async Task HandleAsync(HttpContext http, Caller caller, CancellationToken cancellationToken)
    {
        var faults = new Faults();
        var query = http.Request.Query;
        var known = ObjectReference.TryParse(query["object"].ToString(), out var reference) && reference.Kind == ObjectKind.File;
        faults.Require(known, "object", "a reference such as file:9f86d081…");
        var sized = long.TryParse(query["length"], NumberStyles.None, CultureInfo.InvariantCulture, out var length) && length > 0 && length <= options.Value.MaxFileBytes;
        faults.Require(sized, "length", $"the length of the whole file, at most {options.Value.MaxFileBytes} bytes");
        long? offset = null;
        if (query.TryGetValue("offset", out var text))
        {
            var placed = long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var given) && given <= length;
            faults.Require(placed, "offset", "where the last piece ended");
            offset = given;
        }

        var encoding = http.Request.Headers.ContentEncoding.ToString();
        faults.Require(encoding is "" or "identity" or "zstd", "Content-Encoding", "identity or zstd");
        faults.ThrowIfAny();
        var body = http.Request.BodyReader;
        await using var plain = body.AsStream(leaveOpen: true);
        await using var piece = encoding == "zstd" ? new ZstdReadStream(plain) : plain;
        var part = await UploadBody.TakeAsync(body, () => parts.AddAsync(caller.Organisation, reference, length, offset, piece, cancellationToken), cancellationToken);
        await http.Response.WriteAsJsonAsync(part, WireJson.Options, cancellationToken);
    }
}
