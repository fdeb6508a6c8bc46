using System.Buffers.Text;
using System.Globalization;
using System.Text;
using Muster.Core.Trees;

namespace Muster.Files.Tar;

/// <summary>What pax records before a member say of it; they override its header.</summary>
internal sealed class TarAttributes
{
    public byte[]? Path { get; set; }

    public byte[]? LinkPath { get; set; }

    public long? Size { get; private set; }

    public long? Uid { get; private set; }

    public long? Gid { get; private set; }

    public FileTime? Modified { get; private set; }

    public Dictionary<string, byte[]> Xattrs { get; private init; } = [];

    /// <summary>Access control lists in words, by the attribute that each becomes. Their names can be understood only when all is read.</summary>
    public Dictionary<string, byte[]> AccessLists { get; private init; } = [];

    /// <summary>The name of a sparse file; its own path is a made-up one for programs that know no holes.</summary>
    public byte[]? SparseName { get; private set; }

    public long? SparseSize { get; private set; }

    public bool IsSparseVersion1 { get; private set; }

    public List<(long Offset, long Length)>? SparseMap { get; private set; }

    private long? sparseOffset;

    /// <summary>For the next member: global records stay, the others begin anew.</summary>
    public TarAttributes Copy() => new()
    {
        Path = Path, LinkPath = LinkPath, Size = Size, Uid = Uid, Gid = Gid, Modified = Modified, Xattrs = new(Xattrs),
        AccessLists = new(AccessLists),
    };

    /// <summary>Reads records of the form "length key=value\n".</summary>
    public void Read(ReadOnlySpan<byte> records, long offset)
    {
        while (!records.IsEmpty)
        {
            if (!Utf8Parser.TryParse(records, out int length, out var digits) || digits >= records.Length || records[digits] != ' '
                || length <= digits + 2 || length > records.Length || records[length - 1] != '\n'
                || records[(digits + 1)..length].IndexOf((byte)'=') is var equals && equals <= 0)
            {
                throw TarProblem.At("pax", offset, [], "an extended header is not of the form \"length key=value\"");
            }

            var key = Encoding.Latin1.GetString(records.Slice(digits + 1, equals));
            Set(key, records[(digits + 2 + equals)..(length - 1)], offset);
            records = records[length..];
        }
    }

    private void Set(string key, ReadOnlySpan<byte> value, long offset)
    {
        switch (key)
        {
            case "path":
                Path = value.ToArray();
                break;
            case "linkpath":
                LinkPath = value.ToArray();
                break;
            case "size":
                Size = Number(value, key, offset);
                break;
            case "uid":
                Uid = Number(value, key, offset);
                break;
            case "gid":
                Gid = Number(value, key, offset);
                break;
            case "mtime":
                Modified = Time(value, offset);
                break;
            case "SCHILY.acl.access" or "SCHILY.acl.default":
                AccessLists[key.EndsWith("access", StringComparison.Ordinal) ? "system.posix_acl_access" : "system.posix_acl_default"] = value.ToArray();
                break;
            case "RHT.security.selinux":
                Xattrs["security.selinux"] = [.. value.TrimEnd((byte)0), 0];
                break;
            default:
                if (key.StartsWith("SCHILY.xattr.", StringComparison.Ordinal))
                {
                    // GNU tar writes a percent or equals sign in a name as %25 and %3D.
                    Xattrs[key[13..].Replace("%3D", "=", StringComparison.Ordinal).Replace("%25", "%", StringComparison.Ordinal)] = value.ToArray();
                }
                else if (key.StartsWith("LIBARCHIVE.xattr.", StringComparison.Ordinal))
                {
                    Xattrs[Encoding.Latin1.GetString(Unescape(key[17..]))] = Base64(value, offset);
                }
                else if (key.StartsWith("GNU.sparse.", StringComparison.Ordinal))
                {
                    SetSparse(key[11..], value, offset);
                }

                break;
        }
    }

    private void SetSparse(string key, ReadOnlySpan<byte> value, long offset)
    {
        switch (key)
        {
            case "name":
                SparseName = value.ToArray();
                break;
            case "size" or "realsize":
                SparseSize = Number(value, key, offset);
                break;
            case "numblocks":
                SparseMap = [];
                break;
            case "offset":
                sparseOffset = Number(value, key, offset);
                break;
            case "numbytes":
                (SparseMap ??= []).Add((sparseOffset ?? throw Wrong(key, offset), Number(value, key, offset)));
                sparseOffset = null;
                break;
            case "map":
                SparseMap = Map(value, offset);
                break;
            case "major":
                IsSparseVersion1 = Number(value, key, offset) is <= 1 and var major ? major == 1 : throw Wrong(key, offset);
                break;
            default:
                break;
        }
    }

    private static List<(long Offset, long Length)> Map(ReadOnlySpan<byte> value, long offset)
    {
        var numbers = new List<long>();
        foreach (var range in value.Split((byte)','))
        {
            if (!value[range].IsEmpty)
            {
                numbers.Add(Number(value[range], "map", offset));
            }
        }

        return numbers.Count % 2 == 0 ? [.. numbers.Chunk(2).Select(pair => (pair[0], pair[1]))] : throw Wrong("map", offset);
    }

    private static long Number(ReadOnlySpan<byte> value, string key, long offset)
        => Utf8Parser.TryParse(value, out long number, out var used) && used == value.Length && number >= 0 ? number : throw Wrong(key, offset);

    private static FileTime Time(ReadOnlySpan<byte> value, long offset)
    {
        // "-1.25" is a second and a quarter before 1970, that is second -2 and 0.75 of it.
        var text = Encoding.Latin1.GetString(value);
        var negative = text.StartsWith('-');
        var parts = text.TrimStart('-').Split('.');
        var fraction = parts.Length == 2 ? parts[1].PadRight(9, '0')[..9] : "0";
        if (parts.Length > 2 || !long.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out var seconds)
            || !uint.TryParse(fraction, NumberStyles.None, CultureInfo.InvariantCulture, out var nanoseconds))
        {
            throw Wrong("mtime", offset);
        }

        return !negative ? new FileTime(seconds, nanoseconds)
            : nanoseconds == 0 ? new FileTime(-seconds, 0)
            : new FileTime(-seconds - 1, 1_000_000_000 - nanoseconds);
    }

    private static byte[] Base64(ReadOnlySpan<byte> value, long offset)
    {
        // libarchive leaves out the padding.
        var text = Encoding.Latin1.GetString(value).TrimEnd('=');
        try
        {
            return Convert.FromBase64String(text.PadRight((text.Length + 3) / 4 * 4, '='));
        }
        catch (FormatException)
        {
            throw Wrong("LIBARCHIVE.xattr", offset);
        }
    }

    private static byte[] Unescape(string text)
    {
        var bytes = new List<byte>(text.Length);
        for (var index = 0; index < text.Length; index++)
        {
            if (text[index] == '%' && index + 2 < text.Length && byte.TryParse(text.AsSpan(index + 1, 2), NumberStyles.HexNumber, CultureInfo.InvariantCulture, out var one))
            {
                bytes.Add(one);
                index += 2;
            }
            else
            {
                bytes.Add((byte)text[index]);
            }
        }

        return [.. bytes];
    }

    private static Core.Problems.ProblemException Wrong(string key, long offset)
        => TarProblem.At("pax", offset, [], $"the value of {TreeText.Show(Encoding.Latin1.GetBytes(key))} in an extended header makes no sense");
}
