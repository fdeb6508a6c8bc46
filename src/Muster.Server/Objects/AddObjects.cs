using Muster.Protocol.Objects;
using Muster.Server.Edge;
using Muster.Server.Identity;
using Muster.Server.Operations;

namespace Muster.Server.Objects;

internal sealed class AddObjects(ObjectIntake intake) : StreamOperation
{
    private const long MaxBatch = 512L << 20;

    public override string Name => "Objects.Add";

    public override string Summary => "Takes a batch of objects (batch framing); kept whole or not at all.";

    public override string Method => HttpMethods.Post;

    public override long? MaxBodyBytes => MaxBatch;

    public override string Consumes => "application/octet-stream";

    public override string Produces => "application/json";

    public override Type Result => typeof(AddedObjects);

    public override async Task HandleAsync(HttpContext http, Caller caller, CancellationToken cancellationToken)
    {
        var added = await intake.AddAsync(caller.Organisation, http.Request.BodyReader, cancellationToken);
        await http.Response.WriteAsJsonAsync(added, WireJson.Options, cancellationToken);
    }
}
