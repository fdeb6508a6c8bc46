using System.Globalization;
using Microsoft.Extensions.Options;
using Muster.Core.Objects;
using Muster.Core.Problems;
using Muster.Protocol.Objects;
using Muster.Server.Edge;
using Muster.Server.Identity;
using Muster.Server.Operations;

namespace Muster.Server.Objects;

/// <summary><c>?object=file:…&amp;length=TOTAL&amp;offset=WHERE</c> with plain bytes as body; without offset it answers how far the upload is.</summary>
internal sealed class AddPart(PartUploads parts, IOptions<ObjectsOptions> options) : StreamOperation
{
    public override string Name => "Objects.Part";

    public override string Summary => "Takes a piece of a large file, and goes on where the last one ended.";

    public override string Method => HttpMethods.Post;

    public override long? MaxBodyBytes => options.Value.MaxFileBytes;

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

        faults.ThrowIfAny();
        await http.Response.WriteAsJsonAsync(await parts.AddAsync(caller.Organisation, reference, length, offset, http.Request.Body, cancellationToken), WireJson.Options, cancellationToken);
    }
}
