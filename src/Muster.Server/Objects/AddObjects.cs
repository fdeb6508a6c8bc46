using Muster.Protocol.Objects;
using Muster.Server.Edge;
using Muster.Server.Identity;
using Muster.Server.Operations;

namespace Muster.Server.Objects;

internal sealed class AddObjects(ObjectIntake intake) : StreamOperation
{
    public override string Name => "Objects.Add";

    public override string Summary => "Takes a batch of objects (batch framing); kept whole or not at all.";

    public override string Method => HttpMethods.Post;

    public override long? MaxBodyBytes => UploadBody.Most;

    public override string Consumes => "application/octet-stream";

    public override string Produces => "application/json";

    public override Type Result => typeof(AddedObjects);

    public override async Task HandleAsync(HttpContext http, Caller caller, CancellationToken cancellationToken)
    {
        var body = http.Request.BodyReader;
        var added = await UploadBody.TakeAsync(body, () => intake.AddAsync(caller.Organisation, body, cancellationToken), cancellationToken);
        await http.Response.WriteAsJsonAsync(added, WireJson.Options, cancellationToken);
    }
}
