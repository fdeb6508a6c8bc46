using Muster.Core.Objects;
using Muster.Core.Trees;

namespace Muster.Agent.Applying;

/// <summary>Where the bytes of files come from while they are staged.</summary>
internal interface IContentSource
{
    /// <summary>
    /// Writes the content of a file. False if it is not at hand or what was at hand is not what it is called; then nothing of
    /// <paramref name="target"/> counts and it is begun anew. The caller checks the digest too.
    /// </summary>
    bool TryWrite(Digest content, long size, ContentWriter target, CancellationToken cancellationToken);
}
