using System.Text;
using Muster.Core.Images;
using Muster.Core.Objects;
using Muster.Core.Trees;
using Muster.Files;

namespace Muster.Tests.Objects;

/// <summary>Builds what a client sends to Objects.Add.</summary>
internal sealed class ObjectBatch
{
    private readonly ByteWriter bytes = new();

    public static ByteArrayContent Of(params (ObjectKind Kind, byte[] Content)[] objects)
    {
        var batch = new ObjectBatch();
        foreach (var (kind, content) in objects)
        {
            batch.Add(kind, content);
        }

        return batch.ToContent();
    }

    public ObjectBatch Add(ObjectKind kind, byte[] content, Digest? claimed = null, bool compress = true)
    {
        var reference = new ObjectReference(kind, claimed ?? Digest.Of(content));
        var compressed = new byte[Zstd.MostCompressed(content.Length)];
        var length = compress ? Zstd.TryCompress(content, compressed) : null;
        var stored = length is { } shorter && shorter < content.Length ? compressed[..shorter] : content;
        new BatchHeader(reference, ReferenceEquals(stored, content) ? ObjectEncoding.Plain : ObjectEncoding.Zstd, content.Length, stored.Length).Write(bytes);
        bytes.Raw(stored);
        return this;
    }

    public ObjectBatch Raw(ReadOnlySpan<byte> raw)
    {
        bytes.Raw(raw);
        return this;
    }

    public ByteArrayContent ToContent() => new(bytes.ToArray()) { Headers = { ContentType = new("application/octet-stream") } };
}

/// <summary>A small image with everything below it.</summary>
internal sealed record SmallImage(byte[] File, byte[] Directory, byte[] Tree, byte[] Image)
{
    public Digest Digest => Digest.Of(Image);

    public ByteArrayContent Batch => ObjectBatch.Of((ObjectKind.File, File), (ObjectKind.Directory, Directory), (ObjectKind.Tree, Tree), (ObjectKind.Image, Image));

    /// <summary>One file <c>/motd</c> and a link <c>/link</c> to it.</summary>
    public static SmallImage With(string text, string? filter = "")
    {
        var file = Encoding.UTF8.GetBytes(text);
        var directory = new TreeDirectory(
        [
            new TreeEntry { Name = "link"u8.ToArray(), Kind = EntryKind.Symlink, Target = "motd"u8.ToArray() },
            new TreeEntry { Name = "motd"u8.ToArray(), Kind = EntryKind.File, Mode = 0x1A4, Size = file.Length, Content = Digest.Of(file), Modified = new FileTime(1_700_000_000, 5) },
        ]);
        var tree = new Tree(new TreeEntry { Name = [], Kind = EntryKind.Directory, Mode = 0x1ED }.WithDirectory(directory), []);
        var image = new Image(tree.Digest, filter, "", []);
        return new SmallImage(file, TreeFormat.Encode(directory), TreeFormat.Encode(tree), image.Encode());
    }
}
