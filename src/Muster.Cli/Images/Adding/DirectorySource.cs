using System.Security.Cryptography;
using System.Text;
using Microsoft.Win32.SafeHandles;
using Muster.Cli.Running;
using Muster.Cli.Showing;
using Muster.Core.Filters;
using Muster.Core.Problems;
using Muster.Core.Trees;
using Muster.Files;

namespace Muster.Cli.Images.Adding;

/// <summary>A directory of this computer, scanned with the digests remembered from the last time, so that adding it again reads only what changed.</summary>
internal sealed class DirectorySource : ITreeSource
{
    private const int MostNamed = 10;

    private readonly SafeFileHandle root;

    private DirectorySource(SafeFileHandle root, Tree tree, IReadOnlyList<string> warnings)
    {
        this.root = root;
        Tree = tree;
        Warnings = warnings;
    }

    public Tree Tree { get; }

    public IReadOnlyList<string> Warnings { get; }

    public static async Task<DirectorySource> ScanAsync(string folder, TreeFilter filter, Surroundings around, ScanProgress progress, CancellationToken cancellationToken)
    {
        var root = Linux.OpenRoot(folder);
        try
        {
            using var memory = DigestMemory.Open(around, Path.GetFullPath(folder));
            var result = await TreeScanner.ScanAsync(root, new ScanOptions { Cache = memory.Cache, Filter = filter, Progress = progress }, around.Time, cancellationToken);
            memory.Save(progress);
            var unread = result.Complaints.Concat(CoveredFiles(result)).Where(complaint => filter.Manages(complaint.Path)).ToList();
            if (unread.Count > 0)
            {
                throw Unreadable(folder, unread);
            }

            var mounts = result.Mounts.Where(filter.Manages).Select(path => $"{path} is another file system: it is an empty directory in the image. A filter with 'ignore {path}' leaves it alone on machines.");
            return new DirectorySource(root, ManagedTree.Of(result.Tree, filter), [.. mounts]);
        }
        catch
        {
            root.Dispose();
            throw;
        }
    }

    public IFileContent Open(in WantedFile file)
    {
        var handle = Linux.OpenBeneath(root, file.Path.Bytes, OpenFlags.Read | OpenFlags.NonBlocking);
        var stat = Linux.Stat(handle);
        if (stat.Kind == EntryKind.File && stat.Size == file.Entry.Size && stat.Modified == file.Entry.Modified)
        {
            return new OpenFile(handle, file.Path);
        }

        handle.Dispose();
        throw Changed(file.Path);
    }

    public void Dispose() => root.Dispose();

    // What is mounted over a file hides its content, and that of the other file system is not the tree's.
    private static IEnumerable<ScanComplaint> CoveredFiles(ScanResult result) => result.Mounts
        .Where(path => result.Tree.Find(path) is { Kind: EntryKind.File })
        .Select(path => new ScanComplaint(path, "file.mounted", $"a file of another file system is mounted over it: unmount it, or leave it alone by a filter with 'ignore {path}'"));

    private static ProblemException Changed(TreePath path) =>
        new(ProblemKind.Conflict, "file.changing", $"{path} changed while the image was made; nothing was named, and what was sent is kept: run the same command again");

    private static ProblemException Unreadable(string folder, List<ScanComplaint> unread)
    {
        var text = new StringBuilder($"cannot read {Texts.Count(unread.Count)} of the names in {folder}, so no image was made");
        foreach (var complaint in unread.Take(MostNamed))
        {
            text.Append($"\n  {complaint.Path}: {complaint.Message}");
        }

        if (unread.Count > MostNamed)
        {
            text.Append("\n  …");
        }

        var denied = unread.Any(complaint => complaint.Code.Contains("denied", StringComparison.Ordinal));
        return new ProblemException(denied ? ProblemKind.Denied : ProblemKind.Conflict, "tree.unreadable", text.ToString());
    }

    private sealed class OpenFile(SafeFileHandle handle, TreePath path) : IFileContent
    {
        public void Read(long offset, Span<byte> buffer)
        {
            while (!buffer.IsEmpty)
            {
                var count = Linux.Read(handle, buffer, offset);
                if (count == 0)
                {
                    throw Changed(path);
                }

                offset += count;
                buffer = buffer[count..];
            }
        }

        public void Dispose() => handle.Dispose();
    }
}

/// <summary>The digests remembered of one folder: a file of its own in the cache, so that one tree does not push out another's.</summary>
internal sealed class DigestMemory : IDisposable
{
    private readonly SafeFileHandle? folder;
    private readonly byte[] name;
    private readonly int before;

    private DigestMemory(SafeFileHandle? folder, byte[] name, DigestCache cache)
    {
        this.folder = folder;
        this.name = name;
        Cache = cache;
        before = cache.Count;
    }

    public DigestCache Cache { get; }

    public static DigestMemory Open(Surroundings around, string tree)
    {
        var name = Encoding.ASCII.GetBytes(Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(tree)))[..32]);
        try
        {
            var path = Path.Combine(around.CacheFolder, "digests");
            Directory.CreateDirectory(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            var folder = Linux.OpenRoot(path);
            return new DigestMemory(folder, name, DigestCache.Load(folder, name, out _));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ProblemException)
        {
            // Without a cache folder everything is read each time, which is slower and just as right.
            return new DigestMemory(null, name, new DigestCache());
        }
    }

    public void Save(ScanProgress progress)
    {
        if (folder is null || (progress.BytesRead == 0 && Cache.Count == before))
        {
            return;
        }

        try
        {
            Cache.Save(folder, name);
        }
        catch (ProblemException)
        {
            // A full disk here only makes the next time slower.
        }
    }

    public void Dispose() => folder?.Dispose();
}
