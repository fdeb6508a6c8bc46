using System.Security.Cryptography;
using Muster.Agent.Applying;
using Muster.Agent.Fetching;
using Muster.Core.Objects;
using Muster.Files;
using Muster.Testing;

namespace Muster.Tests.Agent;

public sealed class ObjectCacheTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(1, false)]
    [InlineData(5_000, true)]
    [InlineData(5_000, false)]
    [InlineData(700_000, true)]
    public void What_was_added_is_given_back_also_to_the_next_process(int length, bool isCompressible)
    {
        var content = Content(length, isCompressible);
        using (var cache = Open())
        {
            Assert.True(cache.TryAdd(File(content), content));
        }

        using var again = Open();
        Assert.Equal(content, Read(again, content));
    }

    [Fact]
    public void What_is_not_what_it_is_called_is_not_kept()
    {
        using var cache = Open();
        var content = Content(5_000, true);
        var other = File(Content(5_000, false));

        Assert.False(cache.TryAdd(other, content));
        Assert.False(cache.TryAdd(other, content.Length, take => { take(content); return true; }));

        Assert.False(cache.Has(other));
        Assert.Empty(Directory.GetFiles(_folder.Under("cache", "new")));
    }

    [Fact]
    public async Task What_arrives_damaged_is_not_kept()
    {
        using var cache = Open();
        var content = Content(5_000, false);
        var damaged = content.ToArray();
        damaged[^1] ^= 1;

        Assert.False(await cache.TryAddAsync(File(content), isCompressed: false, content.Length, new MemoryStream(damaged), Cancel));
        Assert.False(await cache.TryAddAsync(File(content), isCompressed: false, content.Length, new MemoryStream(content[..^1]), Cancel));
        Assert.False(await cache.TryAddAsync(File(content), isCompressed: true, content.Length, new MemoryStream(content), Cancel));
        Assert.False(cache.Has(File(content)));

        Assert.True(await cache.TryAddAsync(File(content), isCompressed: false, content.Length, new MemoryStream(content), Cancel));
        Assert.Equal(content, Read(cache, content));
    }

    [Fact]
    public void A_directory_object_that_rotted_is_dropped_and_told()
    {
        using var cache = Open();
        var content = Content(300, false);
        var reference = new ObjectReference(ObjectKind.Directory, Digest.Of(content));
        Assert.True(cache.TryAdd(reference, content));
        var told = new List<ObjectReference>();
        cache.Damaged += told.Add;
        var path = Directory.GetFiles(_folder.Under("cache"), $"*{reference.Digest}", SearchOption.AllDirectories).Single();
        var stored = System.IO.File.ReadAllBytes(path);
        stored[^1] ^= 1;
        System.IO.File.WriteAllBytes(path, stored);

        Assert.Null(cache.Find(reference));

        Assert.Equal([reference], told);
        Assert.False(cache.Has(reference));
    }

    [Fact]
    public void A_header_that_promises_another_length_is_damage()
    {
        using var cache = Open();
        var content = Content(300, true);
        Assert.True(cache.TryAdd(File(content), content));
        var path = Directory.GetFiles(_folder.Under("cache"), $"*{Digest.Of(content)}", SearchOption.AllDirectories).Single();
        var stored = System.IO.File.ReadAllBytes(path);
        stored.AsSpan(1, 8).Fill(0x7F);
        System.IO.File.WriteAllBytes(path, stored);

        Assert.Null(Read(cache, content));
        Assert.False(cache.Has(File(content)));
    }

    [Fact]
    public void Trimming_drops_what_nobody_wants_and_then_the_largest_files_but_never_a_directory()
    {
        using var cache = Open();
        var (wanted, large, unwanted, directory) = (Content(4_000, false), Content(400_000, false), Content(4_000, false), Content(500_000, false));
        foreach (var content in (byte[][])[wanted, large, unwanted])
        {
            Assert.True(cache.TryAdd(File(content), content));
        }

        var structure = new ObjectReference(ObjectKind.Directory, Digest.Of(directory));
        Assert.True(cache.TryAdd(structure, directory));

        var (left, cut) = cache.Trim(new HashSet<ObjectReference> { File(wanted), File(large), structure }, limit: 520_000);

        Assert.True(cut >= 400_000);
        Assert.Equal(left, cache.Bytes);
        Assert.Equal((true, false, false, true), (cache.Has(File(wanted)), cache.Has(File(large)), cache.Has(File(unwanted)), cache.Has(structure)));
    }

    [Fact]
    public void What_a_killed_agent_had_begun_to_write_is_gone_at_the_next_start()
    {
        Open().Dispose();
        System.IO.File.WriteAllText(_folder.Under("cache", "new", "7"), "half");

        using var cache = Open();

        Assert.Empty(Directory.GetFiles(_folder.Under("cache", "new")));
    }

    private static ObjectReference File(byte[] content) => new(ObjectKind.File, Digest.Of(content));

    private static byte[] Content(int length, bool isCompressible)
    {
        var content = RandomNumberGenerator.GetBytes(length);
        if (isCompressible)
        {
            content.AsSpan(length / 10).Fill(7);
        }

        return content;
    }

    private ObjectCache Open()
    {
        using var state = Linux.OpenRoot(_folder.Path);
        return new ObjectCache(state);
    }

    private byte[]? Read(ObjectCache cache, byte[] content)
    {
        var path = _folder.Under("read");
        using var file = System.IO.File.OpenHandle(path, FileMode.Create, FileAccess.ReadWrite);
        using var writer = new ContentWriter(file);
        return cache.TryWrite(Digest.Of(content), content.Length, writer) && writer.Finish() == Digest.Of(content) ? System.IO.File.ReadAllBytes(path) : null;
    }
}
