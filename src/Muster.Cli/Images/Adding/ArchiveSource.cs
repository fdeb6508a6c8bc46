using Muster.Cli.Running;
using Muster.Core.Filters;
using Muster.Core.Problems;
using Muster.Core.Trees;
using Muster.Files;
using Muster.Files.Tar;

namespace Muster.Cli.Images.Adding;

/// <summary>A tar archive, plain or compressed, from a file or from standard input. Nothing in it is unpacked here.</summary>
internal sealed class ArchiveSource : ITreeSource
{
    private readonly TarTree archive;

    private ArchiveSource(TarTree archive, Tree tree)
    {
        this.archive = archive;
        Tree = tree;
    }

    public Tree Tree { get; }

    public IReadOnlyList<string> Warnings => archive.Warnings;

    public static ArchiveSource Read(string from, TreeFilter filter, Surroundings around, ScanProgress progress, CancellationToken cancellationToken)
    {
        var spill = Path.Combine(around.CacheFolder, "archives");
        try
        {
            Directory.CreateDirectory(spill, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            var archive = TarTree.Read(from == "-" ? around.OpenInput() : File.OpenRead(from), spill, progress, cancellationToken);
            return new ArchiveSource(archive, ManagedTree.Of(archive.Tree, filter));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ProblemException(ProblemKind.Unavailable, "tar.unreadable", $"cannot read the archive {from} (its content may be kept in {spill} meanwhile): {e.Message}", e);
        }
    }

    public IFileContent Open(in WantedFile file) => new Content(archive.Open(file.Path));

    public void Dispose() => archive.Dispose();

    private sealed class Content(TarContent content) : IFileContent
    {
        public void Read(long offset, Span<byte> buffer) => content.Read(offset, buffer);

        public void Dispose()
        {
        }
    }
}
