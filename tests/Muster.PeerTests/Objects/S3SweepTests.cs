using Amazon.S3.Model;
using Microsoft.Extensions.Logging.Abstractions;
using Muster.Core.Objects;
using Muster.Server.Database;
using Muster.Server.Objects;
using Muster.Server.Objects.S3;
using Muster.Testing;

namespace Muster.PeerTests.Objects;

/// <summary>What killed servers leave in a bucket goes after a day, and nothing else does.</summary>
public sealed class S3SweepTests(S3 s3) : IAsyncLifetime
{
    private S3Place place = null!;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => place = await S3Place.MakeAsync(await s3.Server);

    public ValueTask DisposeAsync() => place.DisposeAsync();

    [Fact]
    public async Task What_a_killed_server_left_goes_when_it_is_a_day_old_and_an_object_that_somebody_has_never()
    {
        var kept = await AddAsync("kept"u8.ToArray(), owned: true);
        var orphan = await AddAsync("nobody's"u8.ToArray(), owned: false);
        var large = place.Open().Begin();
        await large.AddAsync(new ObjectReference(ObjectKind.File, Digest.Of("left"u8)), new StoredForm(ObjectEncoding.Plain, 4), new MemoryStream("left"u8.ToArray()), Cancelled);
        await place.Client.InitiateMultipartUploadAsync(place.Options.Bucket, "muster/packs/begun", Cancelled);
        Assert.Equal(3, (await place.ListAsync()).Count);

        Assert.Equal(0, await SweepAsync(TimeSpan.FromHours(23)));
        Assert.True(await place.Open().ExistsAsync(orphan, Cancelled));
        Assert.Equal(2, await SweepAsync(TimeSpan.FromHours(25)));

        Assert.Single(await place.ListAsync());
        Assert.True(await place.Open().ExistsAsync(kept, Cancelled));
        Assert.False(await place.Open().ExistsAsync(orphan, Cancelled));
        Assert.Empty((await place.Client.ListMultipartUploadsAsync(new ListMultipartUploadsRequest { BucketName = place.Options.Bucket }, Cancelled)).MultipartUploads ?? []);
        Assert.Equal(0, await SweepAsync(TimeSpan.FromDays(1000)));
        await large.DisposeAsync();
    }

    [Fact]
    public async Task What_others_keep_in_the_bucket_is_not_looked_at()
    {
        await place.Client.PutObjectAsync(new PutObjectRequest { BucketName = place.Options.Bucket, Key = "packs/other", ContentBody = "x", UseChunkEncoding = false }, Cancelled);
        await place.Client.PutObjectAsync(new PutObjectRequest { BucketName = place.Options.Bucket, Key = "musterpacks/other", ContentBody = "x", UseChunkEncoding = false }, Cancelled);
        Assert.Equal(0, await SweepAsync(TimeSpan.FromDays(1000)));
        Assert.Equal(2, (await place.Client.ListObjectsV2Async(new ListObjectsV2Request { BucketName = place.Options.Bucket }, Cancelled)).KeyCount);
    }

    [Fact]
    public async Task More_than_a_page_of_leftovers_goes_in_one_sweep()
    {
        var bucket = place.Open().Bucket;
        await Parallel.ForEachAsync(Enumerable.Range(0, 1100), Cancelled, async (number, ct) => await bucket.PutAsync($"packs/{number}", new byte[1], ct));
        Assert.Equal(1100, await SweepAsync(TimeSpan.FromHours(25)));
        Assert.Empty(await place.ListAsync());
    }

    private async Task<ObjectReference> AddAsync(byte[] content, bool owned)
    {
        var reference = new ObjectReference(ObjectKind.File, Digest.Of(content));
        await using var batch = place.Open().Begin();
        await batch.AddAsync(reference, new StoredForm(ObjectEncoding.Plain, content.Length), content, Cancelled);
        await batch.CommitAsync(Cancelled);
        if (owned)
        {
            await place.Database.WriteAsync(
                sql => sql.ExecuteAsync(
                    "INSERT INTO objects (kind, digest, length, stored_length, created) VALUES (1, @digest, 1, 1, 1)",
                    new { digest = reference.Digest.Bytes.ToArray() },
                    Cancelled),
                Cancelled);
        }

        return reference;
    }

    /// <summary>A sweep that much later.</summary>
    private async Task<int> SweepAsync(TimeSpan later)
    {
        var store = place.Open();
        var time = new MovableTime();
        time.Step(later);
        using var loop = new S3SweepLoop(store, place.Database, new Leases(place.Database), time, NullLogger<S3SweepLoop>.Instance);
        return await loop.SweepAsync(store.Bucket, Cancelled);
    }
}
