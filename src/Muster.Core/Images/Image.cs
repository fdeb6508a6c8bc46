using System.Text;
using Muster.Core.Objects;
using Muster.Core.Problems;
using Muster.Core.Trees;

namespace Muster.Core.Images;

/// <summary>
/// What machines must match: a tree, which paths of a machine it speaks for, what to restart when it changes, and where it came from.
/// </summary>
/// <param name="Tree">Digest of the tree object.</param>
/// <param name="Filter">Lines of the filter (docs/formats/tree.md), or null for a sparse image: only listed paths are managed, nothing is deleted. Empty manages everything.</param>
/// <param name="Triggers">Triggers as JSON text, empty for none.</param>
/// <param name="Metadata">Free names and values (created-by, source, …), sorted by name.</param>
public sealed record Image(Digest Tree, string? Filter, string Triggers, IReadOnlyList<KeyValuePair<string, string>> Metadata)
{
    private const byte Version = 1;
    private const int MaxText = 1 << 20;

    /// <summary>The canonical bytes of the image object; their SHA-256 is the image's digest.</summary>
    public byte[] Encode()
    {
        var writer = new ByteWriter();
        writer.Raw("MIMG"u8);
        writer.Byte(Version);
        writer.Digest(Tree);
        writer.Byte(Filter is null ? (byte)0 : (byte)1);
        if (Filter is not null)
        {
            writer.Counted(Encoding.UTF8.GetBytes(Filter));
        }

        writer.Counted(Encoding.UTF8.GetBytes(Triggers));
        var sorted = Metadata.Select(pair => (Name: Encoding.UTF8.GetBytes(pair.Key), Value: Encoding.UTF8.GetBytes(pair.Value))).ToArray();
        Array.Sort(sorted, static (left, right) => left.Name.AsSpan().SequenceCompareTo(right.Name));
        writer.Variable((ulong)sorted.Length);
        foreach (var (name, value) in sorted)
        {
            writer.Counted(name);
            writer.Counted(value);
        }

        return writer.ToArray();
    }

    /// <summary>Reads an image object.</summary>
    /// <exception cref="ProblemException">Invalid, <c>format.invalid</c>: the bytes are not the canonical encoding of an image.</exception>
    public static Image Decode(ReadOnlySpan<byte> bytes)
    {
        var reader = new ByteReader(bytes, "image object");
        if (!reader.Raw(4).SequenceEqual("MIMG"u8) || reader.Byte() != Version)
        {
            throw reader.Wrong($"it does not begin with its magic bytes and version {Version}");
        }

        var tree = reader.Digest();
        var filter = reader.Byte() switch
        {
            0 => null,
            1 => Text(ref reader),
            _ => throw reader.Wrong("the filter is neither there nor absent"),
        };
        var triggers = Text(ref reader);
        var count = (int)reader.Variable(1000);
        var metadata = new List<KeyValuePair<string, string>>();
        byte[] previous = [];
        for (var index = 0; index < count; index++)
        {
            var name = TextBytes(ref reader).ToArray();
            if (index > 0 && previous.AsSpan().SequenceCompareTo(name) >= 0)
            {
                throw reader.Wrong("the metadata are not sorted");
            }

            previous = name;
            metadata.Add(new(Encoding.UTF8.GetString(name), Text(ref reader)));
        }

        reader.End();
        return new Image(tree, filter, triggers, metadata);
    }

    private static string Text(ref ByteReader reader) => Encoding.UTF8.GetString(TextBytes(ref reader));

    private static ReadOnlySpan<byte> TextBytes(ref ByteReader reader)
    {
        var bytes = reader.Counted(MaxText);
        return System.Text.Unicode.Utf8.IsValid(bytes) ? bytes : throw reader.Wrong("a text is not UTF-8");
    }
}
