using System.Security.Cryptography;
using Muster.Core.Objects;
using Muster.Core.Problems;
using Muster.Core.Trees;

namespace Muster.Files.Tar;

/// <summary>
/// An archive as a tree whose files can be read. Nothing in it is ever unpacked, followed or opened on this computer: links and devices
/// are recorded as they stand. An archive that would lead outside, or whose members contradict each other, is refused with
/// the member's name; every problem is <see cref="ProblemKind.Invalid"/> with a code <c>tar.*</c>.
/// </summary>
public sealed class TarTree : IDisposable
{
    /// <summary>Most bytes of an archive, uncompressed, and of all its files, holes included: a small file can hold endless zeros.</summary>
    public const long MaxBytes = 1L << 40;

    private const int BufferSize = 256 * 1024;
    private static readonly byte[] Zeros = new byte[64 * 1024];

    private readonly TarSource source;
    private readonly Dictionary<TreePath, TarMember> files = [];
    private readonly Dictionary<TreePath, TreePath> links = [];

    private TarTree(TarSource source) => this.source = source;

    /// <summary>The tree, every directory loaded.</summary>
    public Tree Tree { get; private set; } = Tree.Empty;

    /// <summary>What a careful person should know before using it.</summary>
    public IReadOnlyList<string> Warnings { get; private set; } = [];

    /// <summary>Reads a whole archive: plain, gzip or zstd; from a file or a pipe.</summary>
    /// <param name="archive">Belongs to the tree from now on.</param>
    /// <param name="spillFolder">Where the content of a compressed archive is kept until the tree is disposed.</param>
    public static TarTree Read(Stream archive, string spillFolder, ScanProgress? progress, CancellationToken cancellationToken)
    {
        TarTree? tree = null;
        try
        {
            tree = new TarTree(TarSource.Open(archive, spillFolder, MaxBytes));
            tree.ReadAll(progress, cancellationToken);
            return tree;
        }
        catch
        {
            tree?.Dispose();
            archive.Dispose();
            throw;
        }
    }

    /// <summary>The content of a file of the tree, also under the other names of a hard link.</summary>
    public TarContent Open(TreePath path)
        => Find(path) ?? throw new ProblemException(ProblemKind.NotFound, "file.missing", $"the archive has no file {path}");

    internal TarContent? Find(TreePath path)
        => files.TryGetValue(links.GetValueOrDefault(path, path), out var member) ? new TarContent(source.Bytes, member.Extents, member.Size) : null;

    public void Dispose() => source.Dispose();

    private void ReadAll(ScanProgress? progress, CancellationToken cancellationToken)
    {
        var reader = new TarReader(source);
        var builder = new TreeBuilder();
        var rules = new TarRules();
        var lists = new List<(TreePath Path, TreeEntry Entry, TarMember Member)>();
        var buffer = GC.AllocateUninitializedArray<byte>(BufferSize);
        long content = 0;
        using var sha = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        while (reader.Next() is { } member)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var path = rules.Admit(member);
            progress?.Saw(new FileStat { Kind = member.Kind ?? EntryKind.Symlink, Size = member.Size });
            if (member.Kind is null)
            {
                var target = rules.LinkTarget(member);
                links[path] = links.GetValueOrDefault(target, target);
                builder.Link(path, links[path]);
                continue;
            }

            var entry = Entry(member);
            if (member.Kind == EntryKind.File)
            {
                content = member.Size <= MaxBytes - content ? content + member.Size
                    : throw new ProblemException(ProblemKind.TooLarge, "tar.limit", $"the files of the archive have more than {MaxBytes} bytes with their holes (member {TreeText.Show(member.Name)})");
                files[path] = member;
                entry = entry with { Size = member.Size, Content = Hash(reader, member, sha, buffer, progress, cancellationToken) };
            }

            builder.Add(path, entry);
            if (member.AccessLists.Count > 0)
            {
                lists.Add((path, entry, member));
            }
        }

        RequirePaddingOnly(buffer, cancellationToken);

        var names = new Lazy<TarNames>(() => new TarNames(this));
        foreach (var (path, entry, member) in lists)
        {
            builder.Add(path, entry with { Xattrs = WithAccessLists(member, names) });
        }

        Tree = builder.ToTree();
        Warnings = rules.Warnings;
    }

    // A compressed archive keeps its own checksum after the padding, so it is read in any case.
    private void RequirePaddingOnly(byte[] buffer, CancellationToken cancellationToken)
    {
        for (var offset = source.Offset; source.Read(buffer) is var count and > 0; offset = source.Offset)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var other = buffer.AsSpan(0, count).IndexOfAnyExcept((byte)0);
            if (other >= 0)
            {
                throw TarProblem.At("trailing", offset + other, [],
                    "more follows its end mark: two archives were joined (tar --concatenate does it right), or a header was overwritten with zeros");
            }
        }
    }

    private static Xattr[] WithAccessLists(TarMember member, Lazy<TarNames> names)
    {
        var all = member.Xattrs.ToList();
        foreach (var (key, text) in member.AccessLists)
        {
            var name = System.Text.Encoding.ASCII.GetBytes(key);
            if (!all.Exists(xattr => xattr.Name.AsSpan().SequenceEqual(name))
                && PosixAcl.FromText(text, (who, isGroup) => names.Value.IdOf(who, isGroup), member, key.EndsWith("default", StringComparison.Ordinal)) is { } acl)
            {
                all.Add(new Xattr(name, acl));
            }
        }

        return [.. all.OrderBy(xattr => xattr.Name, Comparer<byte[]>.Create(static (a, b) => a.AsSpan().SequenceCompareTo(b)))];
    }

    private static TreeEntry Entry(TarMember member) => new()
    {
        Name = [],
        Kind = member.Kind!.Value,
        Mode = member.Kind == EntryKind.Symlink ? (ushort)0 : member.Mode,
        Uid = member.Uid,
        Gid = member.Gid,
        Modified = member.Kind is EntryKind.Directory or EntryKind.Symlink ? default : member.Modified,
        Target = member.Kind == EntryKind.Symlink ? member.LinkName : [],
        Major = member.Major,
        Minor = member.Minor,
        Xattrs = member.Xattrs,
    };

    private static Digest Hash(TarReader reader, TarMember member, IncrementalHash sha, byte[] buffer, ScanProgress? progress, CancellationToken cancellationToken)
    {
        long position = 0;
        foreach (var extent in member.Extents)
        {
            HashZeros(sha, extent.At - position, cancellationToken);
            for (long done = 0; done < extent.Length;)
            {
                cancellationToken.ThrowIfCancellationRequested();
                var part = buffer.AsSpan(0, (int)Math.Min(buffer.Length, extent.Length - done));
                reader.ReadStored(part, member.Name);
                sha.AppendData(part);
                progress?.Read(part.Length);
                done += part.Length;
            }

            position = extent.At + extent.Length;
        }

        HashZeros(sha, member.Size - position, cancellationToken);
        reader.SkipPadding(member.Stored, member.Name);
        Span<byte> digest = stackalloc byte[DigestBytes.Size];
        sha.GetHashAndReset(digest);
        return new Digest(digest);
    }

    private static void HashZeros(IncrementalHash sha, long length, CancellationToken cancellationToken)
    {
        for (; length > 0; length -= Zeros.Length)
        {
            cancellationToken.ThrowIfCancellationRequested();
            sha.AppendData(Zeros, 0, (int)Math.Min(Zeros.Length, length));
        }
    }
}
