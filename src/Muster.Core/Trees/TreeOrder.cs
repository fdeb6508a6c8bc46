namespace Muster.Core.Trees;

/// <summary>Order of a walk: a directory before what is in it, then names by their bytes (so that <c>a/b</c> comes before <c>a-b</c>).</summary>
public static class TreeOrder
{
    /// <summary>Compares two paths.</summary>
    public static int Compare(TreePath left, TreePath right)
    {
        var common = left.Bytes.CommonPrefixLength(right.Bytes);
        var leftNext = common < left.Bytes.Length ? left.Bytes[common] : -1;
        var rightNext = common < right.Bytes.Length ? right.Bytes[common] : -1;
        return Rank(leftNext).CompareTo(Rank(rightNext));
    }

    // Names hold no NUL, so its place is free for the slash.
    private static int Rank(int next) => next == '/' ? 0 : next;
}
