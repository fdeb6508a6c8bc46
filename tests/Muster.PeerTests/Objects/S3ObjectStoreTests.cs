using System.Security.Cryptography;
using Muster.Core.Objects;
using Muster.Core.Problems;
using Muster.Server.Objects;
using Muster.Testing;

namespace Muster.PeerTests.Objects;

/// <summary>The real S3 store keeps every promise of object stores, and some of its own.</summary>
public sealed class S3ObjectStoreTests(S3 s3) : ObjectStoreContract, IAsyncLifetime
{
    private S3Place place = null!;

    public async ValueTask InitializeAsync() => place = await S3Place.MakeAsync(await s3.Server);

    public ValueTask DisposeAsync() => place.DisposeAsync();

    private protected override IObjectStore Open() => place.Open();

    [Fact]
    public async Task Many_small_objects_lie_in_few_packs()
    {
        var all = Enumerable.Range(0, 3000).Select(_ => Some(ObjectKind.File, 5000)).ToList();
        await AddAllAsync(Open(), all);
        Assert.InRange((await place.ListAsync()).Count, 1, 3);
        foreach (var (reference, content) in new[] { all[0], all[1500], all[2999] })
        {
            Assert.Equal(content, await ReadAsync(Open(), reference));
        }
    }

    [Fact]
    public async Task Many_that_are_read_in_order_cost_few_requests_and_each_is_what_it_was()
    {
        await using var between = await S3Interposer.StartAsync(await s3.Server);
        var all = Enumerable.Range(0, 2000).Select(_ => Some(ObjectKind.File, Random.Shared.Next(1, 10_000))).ToDictionary(one => one.Reference, one => one.Content);
        await AddAllAsync(Open(), all.Select(one => (one.Key, one.Value)));

        var store = place.Open(between.Port);
        var ordered = await store.InOrderAsync([.. all.Keys], Cancellation);
        await Parallel.ForEachAsync(ordered, new ParallelOptions { MaxDegreeOfParallelism = 4, CancellationToken = Cancellation }, async (reference, _) => Assert.Equal(all[reference], await ReadAsync(store, reference)));

        Assert.InRange(between.Heard.Count, 1, 200);
    }

    [Fact]
    public async Task An_object_larger_than_memory_should_hold_is_sent_in_parts_and_comes_back()
    {
        var (reference, content) = Some(ObjectKind.File, (40 << 20) + 5);
        await using (var batch = Open().Begin())
        {
            await batch.AddAsync(reference, new StoredForm(ObjectEncoding.Plain, content.Length), new MemoryStream(content), Cancellation);
            await batch.CommitAsync(Cancellation);
        }

        Assert.Equal(SHA256.HashData(content), SHA256.HashData(await ReadAsync(Open(), reference)));
    }

    [Fact]
    public async Task A_batch_that_is_given_up_leaves_nothing_in_the_bucket()
    {
        await using (var batch = Open().Begin())
        {
            var large = Some(ObjectKind.File, 20 << 20);
            await batch.AddAsync(large.Reference, new StoredForm(ObjectEncoding.Plain, large.Content.Length), new MemoryStream(large.Content), Cancellation);
            foreach (var (reference, content) in Enumerable.Range(0, 10).Select(_ => Some(ObjectKind.File, 2 << 20)))
            {
                await batch.AddAsync(reference, new StoredForm(ObjectEncoding.Plain, content.Length), content, Cancellation);
            }
        }

        Assert.Empty(await place.ListAsync(""));
    }

    [Fact]
    public async Task What_is_quarantined_is_put_aside_and_its_neighbours_in_the_pack_stay()
    {
        var all = Enumerable.Range(0, 3).Select(_ => Some(ObjectKind.File)).ToList();
        await AddAllAsync(Open(), all);
        await Open().QuarantineAsync(all[1].Reference, Cancellation);
        Assert.Null(await Open().FindAsync(all[1].Reference, Cancellation));
        Assert.Equal(all[0].Content, await ReadAsync(Open(), all[0].Reference));
        Assert.Equal(all[2].Content, await ReadAsync(Open(), all[2].Reference));
        Assert.Contains($"muster/quarantine/file-{all[1].Reference.Digest}-", Assert.Single(await place.ListAsync("quarantine/")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Two_installations_do_not_share_a_prefix()
    {
        Assert.True(await Open().ClaimAsync("first", fresh: true, Cancellation));
        Assert.False(await Open().ClaimAsync("first", fresh: true, Cancellation));
        Assert.False(await Open().ClaimAsync("first", fresh: false, Cancellation));
        var refused = await Assert.ThrowsAsync<ProblemException>(() => Open().ClaimAsync("second", fresh: true, Cancellation));
        Assert.Equal("objects.others", refused.Code);
    }

    [Fact]
    public async Task A_bucket_that_was_not_used_before_is_not_taken_for_the_one_that_was()
    {
        var refused = await Assert.ThrowsAsync<ProblemException>(() => Open().ClaimAsync("first", fresh: false, Cancellation));
        Assert.Equal("objects.elsewhere", refused.Code);
        Assert.Empty(await place.ListAsync(""));
    }

    [Fact]
    public async Task Whether_it_takes_objects_is_asked_without_leaving_any()
    {
        await Open().RequireWritableAsync(Cancellation);
        Assert.Empty(await place.ListAsync(""));
    }

    private static async Task AddAllAsync(IObjectStore store, IEnumerable<(ObjectReference Reference, byte[] Content)> all)
    {
        await using var batch = store.Begin();
        await Parallel.ForEachAsync(all, Cancellation, async (one, ct) => await batch.AddAsync(one.Reference, new StoredForm(ObjectEncoding.Plain, one.Content.Length), one.Content, ct));
        await batch.CommitAsync(Cancellation);
    }
}
