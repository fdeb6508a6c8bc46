using Muster.Core.Objects;
using Muster.Core.Problems;

namespace Muster.Server.Objects;

/// <summary>Whether objects could be stored now: the place is there, and takes something that is then not kept.</summary>
internal static class ObjectsReadiness
{
    private static readonly byte[] Something = new byte[64 << 10];

    public static async Task RequireAsync(IObjectStore store, CancellationToken cancellationToken)
    {
        try
        {
            await using var batch = store.Begin();
            await batch.AddAsync(new ObjectReference(ObjectKind.File, Digest.Of(Something)), new StoredForm(ObjectEncoding.Plain, Something.Length), Something, cancellationToken);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ProblemException(ProblemKind.Unavailable, "objects.unusable", $"nothing can be stored with the objects: {e.Message}", e);
        }
    }
}
