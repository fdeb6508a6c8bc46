using Muster.Core.Problems;
using Muster.Files;
using Muster.Testing;

namespace Muster.Tests.Files;

public sealed class AtomicFileTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task A_reader_sees_the_old_content_or_the_new_and_never_a_part()
    {
        var path = folder.Under("file");
        byte[][] contents = [[.. Enumerable.Repeat((byte)'a', 50_000)], [.. Enumerable.Repeat((byte)'b', 70_000)]];
        AtomicFile.Write(path, contents[0]);
        var writer = Task.Run(() =>
        {
            for (var round = 0; round < 200; round++)
            {
                AtomicFile.Write(path, contents[round % 2]);
            }
        });
        do
        {
            var seen = File.ReadAllBytes(path);
            Assert.True(seen.AsSpan().SequenceEqual(contents[0]) || seen.AsSpan().SequenceEqual(contents[1]), $"{seen.Length} bytes");
        }
        while (!writer.IsCompleted);

        await writer;
        Assert.Single(Directory.GetFileSystemEntries(folder.Path));
    }

    [Fact]
    public void A_failed_write_leaves_nothing_behind()
    {
        Directory.CreateDirectory(folder.Under("taken", "full"));
        Assert.Throws<ProblemException>(() => AtomicFile.Write(folder.Under("taken"), "x"u8));
        Assert.Single(Directory.GetFileSystemEntries(folder.Path));
    }

    [Fact]
    public void It_is_for_nobody_else_unless_told_so()
    {
        AtomicFile.Write(folder.Under("secret"), "x"u8);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(folder.Under("secret")));
    }

    [Fact]
    public void Reading_is_bounded_and_a_missing_file_is_no_failure()
    {
        using var root = Linux.OpenRoot(folder.Path);
        AtomicFile.Write(root, "long"u8, new byte[100]);
        Assert.Equal(ProblemKind.TooLarge, Assert.Throws<ProblemException>(() => AtomicFile.Read(root, "long"u8, 99)).Kind);
        Assert.Null(AtomicFile.Read(root, "missing"u8, 99));
    }
}
