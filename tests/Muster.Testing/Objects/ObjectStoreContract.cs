using System.Security.Cryptography;
using Muster.Core.Objects;
using Muster.Server.Objects;
using Xunit;

namespace Muster.Testing;

/// <summary>What every object store promises: each sentence of <see cref="IObjectStore"/> as a test.</summary>
public abstract class ObjectStoreContract
{
    private protected static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private protected abstract IObjectStore Open();

    [Fact]
    public async Task What_was_committed_comes_back_also_from_a_store_opened_anew()
    {
        var (reference, content) = Some(ObjectKind.File);
        await AddAsync(Open(), reference, content);
        Assert.Equal(content, await ReadAsync(Open(), reference));
        Assert.True(await Open().ExistsAsync(reference, Cancellation));
    }

    [Fact]
    public async Task Nothing_of_a_batch_can_be_read_before_it_is_committed_or_when_it_never_is()
    {
        var store = Open();
        var (reference, content) = Some(ObjectKind.File);
        await using (var batch = store.Begin())
        {
            await batch.AddAsync(reference, new StoredForm(ObjectEncoding.Plain, content.Length), content, Cancellation);
            Assert.Null(await store.FindAsync(reference, Cancellation));
        }

        Assert.False(await store.ExistsAsync(reference, Cancellation));
    }

    [Fact]
    public async Task Kinds_with_the_same_digest_are_different_objects()
    {
        var store = Open();
        var (reference, content) = Some(ObjectKind.File);
        await AddAsync(store, reference, content);
        Assert.Null(await store.FindAsync(reference with { Kind = ObjectKind.Directory }, Cancellation));
    }

    [Fact]
    public async Task An_object_that_is_there_already_is_replaced()
    {
        var store = Open();
        var (reference, content) = Some(ObjectKind.Tree);
        await AddAsync(store, reference, [1, 2, 3]);
        await AddAsync(store, reference, content);
        Assert.Equal(content, await ReadAsync(store, reference));
    }

    [Fact]
    public async Task A_large_object_is_taken_as_a_stream_with_its_form()
    {
        var store = Open();
        var (reference, content) = Some(ObjectKind.File, 3 << 20);
        await using (var batch = store.Begin())
        {
            await batch.AddAsync(reference, new StoredForm(ObjectEncoding.Zstd, 77), new MemoryStream(content), Cancellation);
            await batch.CommitAsync(Cancellation);
        }

        await using var found = (await store.FindAsync(reference, Cancellation))!;
        Assert.Equal((new StoredForm(ObjectEncoding.Zstd, 77), content.Length), (found.Form, (int)found.StoredLength));
        Assert.Equal(content, await ReadAsync(store, reference));
    }

    [Fact]
    public async Task Many_threads_add_to_one_batch()
    {
        var store = Open();
        var all = Enumerable.Range(0, 200).Select(_ => Some(ObjectKind.File, 100)).ToList();
        await using (var batch = store.Begin())
        {
            await Parallel.ForEachAsync(all, Cancellation, async (one, ct) => await batch.AddAsync(one.Reference, new StoredForm(ObjectEncoding.Plain, 100), one.Content, ct));
            await batch.CommitAsync(Cancellation);
        }

        foreach (var (reference, content) in all)
        {
            Assert.Equal(content, await ReadAsync(store, reference));
        }
    }

    [Fact]
    public async Task The_order_to_read_in_has_each_that_was_asked_for_once_also_what_is_not_there()
    {
        var store = Open();
        var all = Enumerable.Range(0, 300).Select(_ => Some(ObjectKind.File, 10)).ToList();
        await using (var batch = store.Begin())
        {
            foreach (var (reference, content) in all[..290])
            {
                await batch.AddAsync(reference, new StoredForm(ObjectEncoding.Plain, 10), content, Cancellation);
            }

            await batch.CommitAsync(Cancellation);
        }

        var ordered = await store.InOrderAsync([.. all.Select(one => one.Reference)], Cancellation);
        Assert.Equal(300, ordered.Count);
        Assert.Equal(all.Select(one => one.Reference).ToHashSet(), ordered.ToHashSet());
    }

    [Fact]
    public async Task What_is_quarantined_or_deleted_is_gone_and_both_may_be_done_twice()
    {
        var store = Open();
        var (aside, first) = Some(ObjectKind.File);
        var (deleted, second) = Some(ObjectKind.File);
        await AddAsync(store, aside, first);
        await AddAsync(store, deleted, second);
        for (var time = 0; time < 2; time++)
        {
            await store.QuarantineAsync(aside, Cancellation);
            await store.DeleteAsync(deleted, Cancellation);
            Assert.Null(await store.FindAsync(aside, Cancellation));
            Assert.Null(await store.FindAsync(deleted, Cancellation));
        }

        await AddAsync(store, aside, first);
        Assert.Equal(first, await ReadAsync(store, aside));
    }

    private protected static (ObjectReference Reference, byte[] Content) Some(ObjectKind kind, int length = 1000)
    {
        var content = RandomNumberGenerator.GetBytes(length);
        return (new ObjectReference(kind, Digest.Of(content)), content);
    }

    private protected static async Task AddAsync(IObjectStore store, ObjectReference reference, byte[] content)
    {
        await using var batch = store.Begin();
        await batch.AddAsync(reference, new StoredForm(ObjectEncoding.Plain, content.Length), content, Cancellation);
        await batch.CommitAsync(Cancellation);
    }

    private protected static async Task<byte[]> ReadAsync(IObjectStore store, ObjectReference reference)
    {
        await using var found = (await store.FindAsync(reference, Cancellation))!;
        using var content = new MemoryStream();
        await found.Content.CopyToAsync(content, Cancellation);
        return content.ToArray();
    }
}
