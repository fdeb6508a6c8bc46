using Microsoft.Win32.SafeHandles;
using Muster.Core.Problems;

namespace Muster.Files.Tar;

/// <summary>A file in an archive, readable at any position and from any thread; holes are zeros.</summary>
public sealed class TarContent
{
    private readonly SafeFileHandle archive;
    private readonly IReadOnlyList<TarExtent> extents;

    internal TarContent(SafeFileHandle archive, IReadOnlyList<TarExtent> extents, long length)
    {
        this.archive = archive;
        this.extents = extents;
        Length = length;
    }

    public long Length { get; }

    /// <summary>Fills the buffer from a position of the file, all of which must be within it.</summary>
    public void Read(long position, Span<byte> buffer)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(buffer.Length, Length - position);
        buffer.Clear();
        for (var index = FirstAfter(position); index < extents.Count && extents[index].At < position + buffer.Length; index++)
        {
            var extent = extents[index];
            var from = Math.Max(extent.At, position);
            var until = Math.Min(extent.At + extent.Length, position + buffer.Length);
            var part = buffer[(int)(from - position)..(int)(until - position)];
            for (var archived = extent.From + (from - extent.At); !part.IsEmpty;)
            {
                var count = Linux.Read(archive, part, archived);
                if (count == 0)
                {
                    throw new ProblemException(ProblemKind.Conflict, "file.changing", "the archive became shorter while it was used");
                }

                archived += count;
                part = part[count..];
            }
        }
    }

    // The first extent that ends after a position.
    private int FirstAfter(long position)
    {
        int low = 0, high = extents.Count;
        while (low < high)
        {
            var middle = (low + high) / 2;
            (low, high) = extents[middle].At + extents[middle].Length <= position ? (middle + 1, high) : (low, middle);
        }

        return low;
    }
}
