using Muster.Core.Objects;
using Muster.Core.Problems;
using Muster.Server.Database;
using Muster.Server.Identity;
using Muster.Server.Operations;

namespace Muster.Server.Objects;

internal sealed class GetObject(SqlDatabase database, VerifiedObjects objects) : StreamOperation
{
    public override string Name => "Objects.Get";

    public override string Summary => "Gives the bytes of an object that your organisation has.";

    public override string Method => HttpMethods.Get;

    public override IReadOnlyList<StreamParameter> Parameters => [new("object", "a reference such as file:9f86d081…", Required: true)];

    public override async Task HandleAsync(HttpContext http, Caller caller, CancellationToken cancellationToken)
    {
        var text = http.Request.Query["object"].ToString();
        if (!ObjectReference.TryParse(text, out var reference))
        {
            throw new ProblemException([new Fault("object", "a reference such as file:9f86d081…")]);
        }

        var had = await database.ReadAsync(sql => OrganisationObjects.FindAsync(sql, caller.Organisation, [reference], cancellationToken), cancellationToken);
        if (had.Count == 0 && reference.Digest != Digest.Empty)
        {
            throw ObjectDownload.Unknown(reference);
        }

        await ObjectDownload.SendAsync(http, await objects.OpenAsync(reference, cancellationToken), reference.Digest.ToString(), cancellationToken);
    }
}
