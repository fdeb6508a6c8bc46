using Microsoft.Extensions.Options;
using Muster.Core.Problems;
using Muster.Files;
using Muster.Server.Database;
using Muster.Server.Objects.S3;

namespace Muster.Server.Objects;

/// <summary>Opens the stores that the settings describe.</summary>
internal sealed class ObjectStores(IOptions<ObjectsOptions> objects, IOptions<S3Options> s3, ServerOptions server, SqlDatabase database, TimeProvider time)
{
    public const string FolderWord = "folder", S3Word = "s3";

    public string Folder => objects.Value.Folder is { Length: > 0 } folder ? folder : Path.Combine(server.DataDirectory, "objects");

    public static bool IsS3(string? store) => string.Equals(store, S3Word, StringComparison.OrdinalIgnoreCase);

    public IObjectStore OpenConfigured() => Open(objects.Value.Store);

    public IObjectStore Open(string store) => IsS3(store) ? new S3ObjectStore(new S3Bucket(s3.Value), database, time) : OpenFolder(Folder);

    // Opening makes folders, and at a first start there may be no room even for these.
    private static FolderObjectStore OpenFolder(string folder)
    {
        try
        {
            return new FolderObjectStore(folder);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            var kind = (e.HResult & 0xFFFF) is Errno.ENOSPC or Errno.EDQUOT ? ProblemKind.Full : ProblemKind.Unavailable;
            throw new ProblemException(kind, "objects.unusable", $"cannot keep objects in {folder}: {e.Message}", e);
        }
    }
}
