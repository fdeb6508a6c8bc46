using Muster.Core.Objects;
using Muster.Core.Trees;
using Muster.Files;
using Muster.Testing;

namespace Muster.Tests.Files;

public sealed class DigestCacheTests : IDisposable
{
    private static readonly DateTimeOffset Now = DateTimeOffset.FromUnixTimeSeconds(1_700_000_000);
    private static readonly FileStat Old = Version(1, Now.ToUnixTimeSeconds() - 100);
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void A_digest_is_found_for_the_same_version_only()
    {
        var cache = new DigestCache();
        cache.Add(Old, Digest.Of("x"u8), Now);
        Assert.Equal(Digest.Of("x"u8), cache.Find(Old));
        Assert.Null(cache.Find(Old with { Size = Old.Size + 1 }));
        Assert.Null(cache.Find(Old with { Changed = new FileTime(Old.Changed.Seconds, Old.Changed.Nanoseconds + 1) }));
        Assert.Null(cache.Find(Old with { Modified = new FileTime(Old.Modified.Seconds, 1) }));
        Assert.Null(cache.Find(Old with { Inode = 2 }));
        Assert.Null(cache.Find(Old with { Device = 2 }));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(1000)]
    public void A_file_changed_just_now_or_in_the_future_is_not_trusted(int age)
    {
        var cache = new DigestCache();
        cache.Add(Version(1, Now.ToUnixTimeSeconds() + age), Digest.Of("x"u8), Now);
        Assert.Equal(0, cache.Count);
    }

    [Fact]
    public void It_survives_a_restart()
    {
        var cache = new DigestCache();
        for (var i = 1; i < 500; i++)
        {
            cache.Add(Version((ulong)i, 1000 - i), Digest.Of([(byte)i]), Now);
        }

        using var root = Linux.OpenRoot(folder.Path);
        cache.Save(root, "digests"u8);
        var again = DigestCache.Load(root, "digests"u8, out var complaint);
        Assert.Null(complaint);
        Assert.Equal(cache.Count, again.Count);
        Assert.Equal(Digest.Of([7]), again.Find(Version(7, 993)));
    }

    [Fact]
    public void A_damaged_one_is_dropped_and_said()
    {
        var cache = new DigestCache();
        cache.Add(Old, Digest.Of("x"u8), Now);
        using var root = Linux.OpenRoot(folder.Path);
        cache.Save(root, "digests"u8);
        var bytes = File.ReadAllBytes(folder.Under("digests"));
        for (var at = 0; at < bytes.Length; at++)
        {
            var damaged = (byte[])bytes.Clone();
            damaged[at] ^= 1;
            File.WriteAllBytes(folder.Under("digests"), damaged);
            Assert.Equal(0, DigestCache.Load(root, "digests"u8, out var complaint).Count);
            Assert.NotNull(complaint);
        }
    }

    [Fact]
    public void What_a_full_scan_did_not_ask_for_is_forgotten()
    {
        var cache = new DigestCache();
        cache.Add(Old, Digest.Of("x"u8), Now);
        cache.Add(Version(2, 5), Digest.Of("y"u8), Now);
        cache.BeginFullScan();
        cache.Find(Old);
        cache.DropUnasked();
        Assert.Equal(1, cache.Count);
    }

    [Fact]
    public async Task A_second_scan_reads_only_what_changed()
    {
        await File.WriteAllTextAsync(folder.Under("same"), "same");
        await File.WriteAllTextAsync(folder.Under("other"), "before");
        var cache = new DigestCache();
        var later = new LaterTime();
        using var root = Linux.OpenRoot(folder.Path);
        var first = await TreeScanner.ScanAsync(root, new ScanOptions { Cache = cache }, later, CancellationToken.None);
        await File.WriteAllTextAsync(folder.Under("other"), "after!");
        var second = await TreeScanner.ScanAsync(root, new ScanOptions { Cache = cache }, later, CancellationToken.None);
        Assert.Equal(10, first.Counts.BytesRead);
        Assert.Equal(6, second.Counts.BytesRead);
        Assert.Equal(Digest.Of("after!"u8), second.Tree.Find(TreePath.FromText("other"))!.Content);
    }

    [Fact]
    public async Task A_verifying_scan_finds_what_the_cache_hides_and_corrects_it()
    {
        await File.WriteAllTextAsync(folder.Under("file"), "right");
        var later = new LaterTime();
        using var root = Linux.OpenRoot(folder.Path);
        var cache = new DigestCache();
        // As after a write to the block device: other content under the same times.
        cache.Add(Linux.FindStat(root, "file"u8)!.Value, Digest.Of("wrong"u8), later.GetUtcNow());
        var options = new ScanOptions { Cache = cache };
        var path = TreePath.FromText("file");
        Assert.Equal(Digest.Of("wrong"u8), (await TreeScanner.ScanAsync(root, options, later, CancellationToken.None)).Tree.Find(path)!.Content);
        Assert.Equal(Digest.Of("right"u8), (await TreeScanner.ScanAsync(root, options with { TrustCache = false }, later, CancellationToken.None)).Tree.Find(path)!.Content);
        Assert.Equal(Digest.Of("right"u8), (await TreeScanner.ScanAsync(root, options, later, CancellationToken.None)).Tree.Find(path)!.Content);
    }

    private static FileStat Version(ulong inode, long seconds) => new()
    {
        Device = 1, Inode = inode, Size = 5, Kind = EntryKind.File, Modified = new FileTime(seconds, 5), Changed = new FileTime(seconds, 6),
    };

    /// <summary>An hour from now, when nothing that a test wrote is new any more.</summary>
    private sealed class LaterTime : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => base.GetUtcNow().AddHours(1);
    }
}
