using Muster.Core.Problems;

namespace Muster.Core.Trees;

/// <summary>The path of a walk through a tree, grown and shrunk in place. Refuses trees deeper than any we handle, so that no walk runs out of stack.</summary>
internal sealed class PathBuffer
{
    private byte[] bytes = new byte[256];
    private int length;
    private int depth;

    public ReadOnlySpan<byte> Bytes => bytes.AsSpan(0, length);

    public TreePath Path => TreePath.FromTrusted(Bytes);

    /// <summary>Goes down one name; give what it returns to <see cref="Pop"/>.</summary>
    public int Push(ReadOnlySpan<byte> name)
    {
        var before = length;
        var needed = length + 1 + name.Length;
        if (++depth > TreeFormat.MaxDepth || needed > TreeFormat.MaxPath)
        {
            throw new ProblemException(ProblemKind.TooLarge, "tree.deep", $"a tree is deeper than {TreeFormat.MaxDepth} directories, or a path in it longer than {TreeFormat.MaxPath} bytes");
        }

        if (needed > bytes.Length)
        {
            Array.Resize(ref bytes, Math.Max(needed, 2 * bytes.Length));
        }

        if (length > 0)
        {
            bytes[length++] = (byte)'/';
        }

        name.CopyTo(bytes.AsSpan(length));
        length += name.Length;
        return before;
    }

    public void Pop(int before)
    {
        length = before;
        depth--;
    }
}
