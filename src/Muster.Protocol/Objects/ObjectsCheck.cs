using Muster.Core.Objects;
using Muster.Core.Problems;
using Muster.Protocol.Operations;

namespace Muster.Protocol.Objects;

/// <summary>
/// Objects.Check (POST, changes nothing): which of these does the caller's organisation lack? Answers only for the caller's own
/// organisation. A directory that is there has everything below it, so a client asks from the root downwards and stops where nothing lacks.
/// </summary>
public sealed record CheckObjects(IReadOnlyList<string> Objects) : IArguments
{
    /// <summary>Most references in one question.</summary>
    public const int Most = 50_000;

    /// <inheritdoc/>
    public void Validate(Faults faults) =>
        faults.Require(Objects is { Count: > 0 and <= Most }, "objects", $"1 to {Most} references such as file:9f86d081…");
}

/// <summary>The references of the question that are not there, in its order.</summary>
public sealed record LackedObjects(IReadOnlyList<string> Lacked);

/// <summary>What came of one batch sent to Objects.Add.</summary>
/// <param name="Stored">How many objects are there now that were not.</param>
/// <param name="Present">How many were there already.</param>
/// <param name="StoredBytes">Uncompressed bytes of the stored ones.</param>
public sealed record AddedObjects(int Stored, int Present, long StoredBytes);

/// <summary>How much of a large object has arrived, for going on after a cut (Objects.Part).</summary>
public sealed record ObjectPart(long Received, bool Complete);
