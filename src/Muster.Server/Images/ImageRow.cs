using Muster.Core.Objects;
using Muster.Protocol.Operations;

namespace Muster.Server.Images;

/// <summary>An image as it lies in the table.</summary>
internal sealed record ImageRow
{
    public required ImageId Id { get; init; }

    public required string Name { get; init; }

    public required byte[] Image { get; init; }

    public required byte[] Tree { get; init; }

    public required byte[] Managed { get; init; }

    public required long Entries { get; init; }

    public required long Files { get; init; }

    public required long Bytes { get; init; }

    public required string CreatedBy { get; init; }

    public required DateTimeOffset Created { get; init; }

    public long Machines { get; init; }

    public long Damaged { get; init; }

    public object? SortKey { get; init; }

    public Digest ImageDigest => new(Image);

    public Digest TreeDigest => new(Tree);

    public Digest ManagedDigest => new(Managed);

    public ObjectName ObjectName => new("image", Id.ToString(), Name);
}
