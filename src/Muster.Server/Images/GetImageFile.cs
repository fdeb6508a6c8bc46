using Muster.Core.Objects;
using Muster.Core.Problems;
using Muster.Core.Trees;
using Muster.Server.Database;
using Muster.Server.Identity;
using Muster.Server.Objects;
using Muster.Server.Operations;

namespace Muster.Server.Images;

internal sealed class GetImageFile(SqlDatabase database, ImageReader reader, VerifiedObjects objects) : StreamOperation
{
    public override string Name => "Images.File";

    public override string Summary => "Gives the bytes of one file of an image.";

    public override string Method => HttpMethods.Get;

    public override IReadOnlyList<StreamParameter> Parameters =>
    [
        new("image", "name of the image", Required: true),
        new("path", "path of a file in it", Required: true),
    ];

    public override async Task HandleAsync(HttpContext http, Caller caller, CancellationToken cancellationToken)
    {
        var name = http.Request.Query["image"].ToString();
        var path = TypedPath.Parse(http.Request.Query["path"].ToString(), "path");
        var image = await database.ReadAsync(sql => ImageStore.GetAsync(sql, caller.Organisation, name, cancellationToken), cancellationToken);
        var (_, entry) = await reader.FindAsync(image.TreeDigest, path, cancellationToken);
        if (entry is not { Kind: EntryKind.File })
        {
            throw new ProblemException(ProblemKind.NotFound, "image.path", $"{image.Name} has no file {path}");
        }

        // A file of an image is somebody's content: it is downloaded, never shown as a page of ours.
        http.Response.Headers.ContentDisposition = "attachment";
        await ObjectDownload.SendAsync(http, await objects.OpenAsync(new ObjectReference(ObjectKind.File, entry.Content), cancellationToken), entry.Content.ToString(), cancellationToken);
    }
}
