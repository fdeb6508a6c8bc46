using System.Text;

namespace Muster.Core.Trees;

/// <summary>
/// A path below a managed root, as bytes: no leading slash, names joined by <c>/</c>, empty for the root itself.
/// Linux paths are bytes, not text: they are kept, compared and repaired as bytes and only shown escaped.
/// </summary>
[System.Text.Json.Serialization.JsonConverter(typeof(Json.TreePathConverter))]
public readonly struct TreePath : IEquatable<TreePath>, IComparable<TreePath>
{
    private readonly byte[]? bytes;

    private TreePath(byte[] bytes) => this.bytes = bytes;

    /// <summary>The root of the tree.</summary>
    public static TreePath Root => default;

    /// <summary>The bytes, without a leading slash.</summary>
    public ReadOnlySpan<byte> Bytes => bytes;

    /// <summary>True for the root.</summary>
    public bool IsRoot => bytes is null or { Length: 0 };

    /// <summary>The last name; empty for the root.</summary>
    public ReadOnlySpan<byte> Name => Bytes[(Bytes.LastIndexOf((byte)'/') + 1)..];

    /// <summary>The directory that holds the last name; the root for names at the top and for the root itself.</summary>
    public TreePath Parent => Bytes.LastIndexOf((byte)'/') is var slash and > 0 ? new TreePath(Bytes[..slash].ToArray()) : Root;

    /// <summary>Takes well-formed bytes: no leading or doubled slash, no <c>.</c> or <c>..</c>, no NUL, names of at most 255 bytes.</summary>
    /// <exception cref="FormatException">The bytes are not such a path.</exception>
    public static TreePath FromBytes(ReadOnlySpan<byte> path)
    {
        if (!IsValid(path))
        {
            throw new FormatException($"'{TreeText.Show(path)}' is not a path below a root: names joined by '/', without '.', '..' and NUL, each at most 255 bytes");
        }

        return new TreePath(path.ToArray());
    }

    /// <summary>Takes a path from text that a person typed; one leading slash is allowed.</summary>
    public static TreePath FromText(string path) => FromBytes(Encoding.UTF8.GetBytes(path.StartsWith('/') ? path[1..] : path));

    internal static TreePath FromTrusted(ReadOnlySpan<byte> path) => new(path.ToArray());

    /// <summary>True for bytes that <see cref="FromBytes"/> accepts.</summary>
    public static bool IsValid(ReadOnlySpan<byte> path)
    {
        if (path.IsEmpty)
        {
            return true;
        }

        foreach (var range in path.Split((byte)'/'))
        {
            if (!IsValidName(path[range]))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>True for one name: 1 to 255 bytes, neither <c>.</c> nor <c>..</c>, without <c>/</c> and NUL.</summary>
    public static bool IsValidName(ReadOnlySpan<byte> name) =>
        name.Length is > 0 and <= 255
        && !name.ContainsAny((byte)'/', (byte)0)
        && !name.SequenceEqual("."u8)
        && !name.SequenceEqual(".."u8);

    /// <summary>This path with one more name.</summary>
    public TreePath Join(ReadOnlySpan<byte> name)
    {
        if (IsRoot)
        {
            return new TreePath(name.ToArray());
        }

        var joined = new byte[Bytes.Length + 1 + name.Length];
        Bytes.CopyTo(joined);
        joined[Bytes.Length] = (byte)'/';
        name.CopyTo(joined.AsSpan(Bytes.Length + 1));
        return new TreePath(joined);
    }

    /// <summary>True if this path is <paramref name="ancestor"/> or lies below it.</summary>
    public bool IsWithin(TreePath ancestor) =>
        ancestor.IsRoot
        || (Bytes.StartsWith(ancestor.Bytes) && (Bytes.Length == ancestor.Bytes.Length || Bytes[ancestor.Bytes.Length] == '/'));

    /// <inheritdoc/>
    public bool Equals(TreePath other) => Bytes.SequenceEqual(other.Bytes);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is TreePath other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        var hash = default(HashCode);
        hash.AddBytes(Bytes);
        return hash.ToHashCode();
    }

    /// <summary>Order of the bytes.</summary>
    public int CompareTo(TreePath other) => Bytes.SequenceCompareTo(other.Bytes);

    /// <summary>As shown to people: with a leading slash, control and non-UTF-8 bytes escaped (<c>\n</c>, <c>\xE9</c>).</summary>
    public override string ToString() => "/" + TreeText.Show(Bytes);

    /// <summary>The same bytes.</summary>
    public static bool operator ==(TreePath left, TreePath right) => left.Equals(right);

    /// <summary>Other bytes.</summary>
    public static bool operator !=(TreePath left, TreePath right) => !left.Equals(right);

    /// <summary>Order of the bytes.</summary>
    public static bool operator <(TreePath left, TreePath right) => left.CompareTo(right) < 0;

    /// <summary>Order of the bytes.</summary>
    public static bool operator >(TreePath left, TreePath right) => left.CompareTo(right) > 0;

    /// <summary>Order of the bytes.</summary>
    public static bool operator <=(TreePath left, TreePath right) => left.CompareTo(right) <= 0;

    /// <summary>Order of the bytes.</summary>
    public static bool operator >=(TreePath left, TreePath right) => left.CompareTo(right) >= 0;
}
