namespace Muster.Core.Trees;

/// <summary>Order of names by their bytes.</summary>
internal sealed class NameOrder : IComparer<byte[]>
{
    public static NameOrder Instance { get; } = new();

    public int Compare(byte[]? x, byte[]? y) => x.AsSpan().SequenceCompareTo(y);
}
