using Muster.Core.Filters;
using Muster.Core.Objects;
using Muster.Core.Problems;
using Muster.Core.Trees;
using Muster.Files;
using Muster.Testing;

namespace Muster.Tests.Files;

public sealed class TreeScannerTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task A_nasty_tree_is_seen_as_find_and_sha256sum_and_getfattr_see_it()
    {
        Peer.RequireRoot();
        for (var round = 0; round < Series.Rounds(300, 8); round++)
        {
            using var place = new TemporaryFolder();
            using (var root = Linux.OpenRoot(place.Path))
            {
                new NastyTree(Series.Random(round)).Fill(root, 150);
            }

            var seen = await TreeListing.ScanAsync(place.Path);
            var expected = await TreeListing.ByOthersAsync(place.Path);
            Assert.True(expected == TreeListing.Of(seen.Tree), $"seed {Series.Seed}, round {round}:\n{FirstDifference(expected, TreeListing.Of(seen.Tree))}");
            Assert.Empty(seen.Complaints);
        }
    }

    [Fact]
    public async Task One_thread_and_many_see_the_same_tree()
    {
        Peer.RequireRoot();
        using (var root = Linux.OpenRoot(folder.Path))
        {
            new NastyTree(Series.Random(0)).Fill(root, 400);
        }

        var one = await TreeListing.ScanAsync(folder.Path, new ScanOptions { Threads = 1 });
        var many = await TreeListing.ScanAsync(folder.Path, new ScanOptions { Threads = 16 });
        Assert.Equal(one.Tree.Digest, many.Tree.Digest);
    }

    [Fact]
    public async Task Exclusions_and_all_below_them_are_not_seen()
    {
        Directory.CreateDirectory(folder.Under("var", "lib", "muster-agent", "cache"));
        Directory.CreateDirectory(folder.Under("var", "lib", "other"));
        var seen = await TreeListing.ScanAsync(folder.Path, new ScanOptions { Exclusions = [TreePath.FromText("var/lib/muster-agent")] });
        Assert.Null(seen.Tree.Find(TreePath.FromText("var/lib/muster-agent")));
        Assert.NotNull(seen.Tree.Find(TreePath.FromText("var/lib/other")));
    }

    [Fact]
    public async Task A_path_longer_than_the_kernel_takes_at_once_is_seen_to_its_end()
    {
        var name = new byte[250];
        name.AsSpan().Fill((byte)'d');
        var path = TreePath.Root;
        var directory = Linux.OpenRoot(folder.Path);
        for (var depth = 0; depth < 60; depth++)
        {
            Linux.MakeDirectory(directory, name, 0x1ED);
            path = path.Join(name);
            var next = Linux.OpenBeneath(directory, name, OpenFlags.Directory);
            directory.Dispose();
            directory = next;
        }

        AtomicFile.Write(directory, "deep"u8, "content"u8);
        directory.Dispose();
        var seen = await TreeListing.ScanAsync(folder.Path);
        Assert.Equal(Digest.Of("content"u8), seen.Tree.Find(path.Join("deep"u8))!.Content);
        Assert.Empty(seen.Complaints);
    }

    [Theory]
    [InlineData("ignore /var\nmanage /var/lib/app\n")]
    [InlineData("ignore /\nmanage /etc\nignore /etc/secret\n")]
    [InlineData("ignore /var/lib/*\nignore **/*.log\n")]
    [InlineData("regex /var/.*\n")]
    public async Task What_a_filter_leaves_out_is_not_read_and_the_managed_tree_is_the_same(string lines)
    {
        foreach (var path in (string[])["var/lib/app/a", "var/lib/other/b", "var/log/c.log", "etc/secret/d", "etc/e", "home/alice/f"])
        {
            Directory.CreateDirectory(Path.GetDirectoryName(folder.Under(path))!);
            await File.WriteAllTextAsync(folder.Under(path), path);
        }

        var filter = TreeFilter.Parse(lines);
        var whole = await TreeListing.ScanAsync(folder.Path);
        var filtered = await TreeListing.ScanAsync(folder.Path, new ScanOptions { Filter = filter });
        foreach (var wanted in (Tree?[])[null, Tree.Empty, whole.Tree])
        {
            Assert.Equal(ManagedTree.Of(whole.Tree, filter, wanted).Digest, ManagedTree.Of(filtered.Tree, filter, wanted).Digest);
        }

        Assert.True(filtered.Counts.BytesRead < whole.Counts.BytesRead);
    }

    [Fact]
    public async Task A_tree_that_is_too_deep_is_seen_down_to_there()
    {
        var directory = Linux.OpenRoot(folder.Path);
        for (var depth = 0; depth < TreeFormat.MaxDepth + 5; depth++)
        {
            Linux.MakeDirectory(directory, "d"u8, 0x1ED);
            var next = Linux.OpenBeneath(directory, "d"u8, OpenFlags.Directory);
            directory.Dispose();
            directory = next;
        }

        directory.Dispose();
        var seen = await TreeListing.ScanAsync(folder.Path);
        Assert.Equal("tree.deep", Assert.Single(seen.Complaints).Code);
        _ = ManagedTree.Of(seen.Tree, TreeFilter.Parse("ignore **/x\n"));
    }

    [Fact]
    public async Task Starting_below_the_root_gives_that_directory()
    {
        Directory.CreateDirectory(folder.Under("a", "b"));
        await File.WriteAllTextAsync(folder.Under("a", "b", "c"), "x");
        var whole = await TreeListing.ScanAsync(folder.Path);
        var part = await TreeListing.ScanAsync(folder.Path, new ScanOptions { Start = TreePath.FromText("a/b") });
        Assert.Equal(whole.Tree.Find(TreePath.FromText("a/b"))!.Content, part.Tree.Root.Content);
    }

    [Fact]
    public async Task Too_many_entries_are_refused_as_a_limit()
    {
        for (var i = 0; i < 20; i++)
        {
            Directory.CreateDirectory(folder.Under($"d{i}"));
        }

        var problem = await Assert.ThrowsAsync<ProblemException>(() => TreeListing.ScanAsync(folder.Path, new ScanOptions { MaxEntries = 10 }));
        Assert.Equal("tree.limit", problem.Code);
    }

    [Fact]
    public async Task A_cancelled_scan_ends()
    {
        using var root = Linux.OpenRoot(folder.Path);
        using var cancelled = new CancellationTokenSource();
        await cancelled.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => TreeScanner.ScanAsync(root, new ScanOptions(), TimeProvider.System, cancelled.Token));
    }

    [Fact]
    public async Task Holes_are_read_as_zeros_without_reading_them()
    {
        using (var root = Linux.OpenRoot(folder.Path))
        using (var file = Linux.OpenBeneath(root, "sparse"u8, OpenFlags.ReadWrite | OpenFlags.Create, 0x180))
        {
            Linux.SetLength(file, 64 << 20);
            Linux.Write(file, "end"u8, 50 << 20);
        }

        var seen = await TreeListing.ScanAsync(folder.Path);
        Assert.Equal(Digest.Of(await File.ReadAllBytesAsync(folder.Under("sparse"))), seen.Tree.Find(TreePath.FromText("sparse"))!.Content);
        Assert.True(seen.Counts.BytesRead < 1 << 20, $"{seen.Counts.BytesRead} bytes were read");
    }

    [Fact]
    public async Task A_file_that_changes_each_time_it_is_read_is_a_complaint_and_has_no_digest()
    {
        await File.WriteAllBytesAsync(folder.Under("busy"), new byte[32 << 20]);
        await File.WriteAllTextAsync(folder.Under("calm"), "calm");
        using var stop = new CancellationTokenSource();
        var writing = Task.Run(() =>
        {
            using var root = Linux.OpenRoot(folder.Path);
            using var file = Linux.OpenBeneath(root, "busy"u8, OpenFlags.Write);
            for (var at = 0L; !stop.IsCancellationRequested; at++)
            {
                Linux.Write(file, [(byte)at], at % (32 << 20));
            }
        });
        var seen = await TreeListing.ScanAsync(folder.Path);
        await stop.CancelAsync();
        await writing;
        var complaint = Assert.Single(seen.Complaints);
        Assert.Equal(("file.changing", TreePath.FromText("busy")), (complaint.Code, complaint.Path));
        Assert.True(seen.Tree.Find(TreePath.FromText("busy"))!.Content.IsNone);
        Assert.Equal(Digest.Of("calm"u8), seen.Tree.Find(TreePath.FromText("calm"))!.Content);
    }

    [Fact]
    public async Task Sockets_are_no_content()
    {
        using var socket = new System.Net.Sockets.Socket(System.Net.Sockets.AddressFamily.Unix, System.Net.Sockets.SocketType.Stream, System.Net.Sockets.ProtocolType.Unspecified);
        socket.Bind(new System.Net.Sockets.UnixDomainSocketEndPoint(folder.Under("socket")));
        var seen = await TreeListing.ScanAsync(folder.Path);
        Assert.Null(seen.Tree.Find(TreePath.FromText("socket")));
        Assert.Empty(seen.Complaints);
    }

    private static string FirstDifference(string expected, string seen)
    {
        var (a, b) = (expected.Split('\n'), seen.Split('\n'));
        return string.Join('\n', a.Except(b).Take(5).Select(line => "- " + line).Concat(b.Except(a).Take(5).Select(line => "+ " + line)));
    }
}
