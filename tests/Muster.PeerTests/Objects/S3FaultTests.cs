using Muster.Core.Objects;
using Muster.Core.Problems;
using Muster.Server.Objects;
using Muster.Server.Objects.S3;
using Muster.Testing;
using S3Bucket = Muster.Server.Objects.S3.S3Bucket;

namespace Muster.PeerTests.Objects;

/// <summary>What an operator reads when an S3 service is not as it should be: where, what, what to do, and never the secret.</summary>
public sealed class S3FaultTests(S3 s3) : IAsyncLifetime
{
    private readonly TemporaryFolder folder = new();
    private S3Server server = null!;
    private S3Place place = null!;
    private S3Interposer between = null!;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        server = await s3.Server;
        place = await S3Place.MakeAsync(server);
        between = await S3Interposer.StartAsync(server);
    }

    public async ValueTask DisposeAsync()
    {
        await between.DisposeAsync();
        await place.DisposeAsync();
        folder.Dispose();
    }

    [Fact]
    public Task A_wrong_secret() => AssertRefusedAsync(With(S3Server.Muster with { Secret = S3Server.Stranger.Secret }), "objects.s3-login", "correct the keys in S3:CredentialsFile");

    [Fact]
    public Task A_key_that_nobody_has() => AssertRefusedAsync(With(S3Server.Muster with { Access = "ANOBODYNOBODYNOBODYN" }), "objects.s3-login", "correct the keys in S3:CredentialsFile");

    [Fact]
    public Task A_key_that_may_do_nothing_there() => AssertRefusedAsync(With(S3Server.Stranger), "objects.s3-denied", "does not allow");

    [Fact]
    public Task A_bucket_that_does_not_exist() => AssertRefusedAsync(server.OptionsFor("nowhere", folder.Under("key"), S3Server.Muster), "objects.s3-bucket", "create it, or correct S3:Bucket");

    [Fact]
    public Task Nobody_there_to_answer() => AssertRefusedAsync(server.OptionsFor(place.Options.Bucket, folder.Under("key"), S3Server.Muster, port: 1), "objects.s3-unreachable", "http://localhost:1/");

    [Fact]
    public Task A_host_that_does_not_exist() =>
        AssertRefusedAsync(new S3Options { Endpoint = "http://nowhere.invalid", Bucket = "nowhere", CredentialsFile = place.Options.CredentialsFile }, "objects.s3-unreachable", "nowhere.invalid");

    [Fact]
    public async Task A_certificate_is_believed_only_where_its_authority_is_named()
    {
        await AssertRefusedAsync(Encrypted(""), "objects.s3-certificate", "S3:AuthorityFile");
        using var bucket = new S3Bucket(Encrypted(server.AuthorityFile));
        await bucket.PutAsync("x", "x"u8.ToArray(), Cancelled);
    }

    [Fact]
    public async Task A_clock_that_is_wrong()
    {
        between.Instead = http =>
        {
            http.Request.Headers["X-Amz-Date"] = "20200101T000000Z";
            return Task.FromResult(false);
        };
        await AssertRefusedAsync(place.Through(between.Port), "objects.s3-clock", "NTP");
    }

    // The real one takes any region; these are Amazon's answers.
    [Theory]
    [InlineData(400, "AuthorizationHeaderMalformed")]
    [InlineData(301, "PermanentRedirect")]
    public async Task A_bucket_in_another_region(int status, string code)
    {
        between.Instead = http => S3Interposer.RefuseAsync(http, status, code, "<Region>eu-central-1</Region>");
        await AssertRefusedAsync(place.Through(between.Port), "objects.s3-region", "S3:Region");
    }

    [Fact]
    public async Task A_full_bucket_takes_nothing_of_a_batch_and_what_was_there_stays()
    {
        await using var small = await S3Place.MakeAsync(server, S3Server.Small);
        var (before, content) = Some(1000);
        await AddAsync(small.Open(), (before, content));

        var refused = await Assert.ThrowsAsync<ProblemException>(() => AddAsync(small.Open(), Some(700_000), Some(700_000)));

        Assert.Equal((ProblemKind.Full, "objects.full"), (refused.Kind, refused.Code));
        Assert.Contains("no room left", refused.Message, StringComparison.Ordinal);
        await using var found = (await small.Open().FindAsync(before, Cancelled))!;
        Assert.Equal(content.Length, found.StoredLength);
        Assert.Single(await small.ListAsync());
    }

    [Theory]
    [InlineData(503, "SlowDown")]
    [InlineData(500, "InternalError")]
    public async Task A_busy_service_is_asked_again_until_it_answers(int status, string code)
    {
        var refusals = 3;
        between.Instead = http => Interlocked.Decrement(ref refusals) >= 0 ? S3Interposer.RefuseAsync(http, status, code) : Task.FromResult(false);
        var one = Some(1000);
        await AddAsync(place.Open(between.Port), one);
        Assert.True(await place.Open().ExistsAsync(one.Reference, Cancelled));
        Assert.Equal(4, between.Heard.Count);
    }

    [Fact]
    public async Task A_service_that_stays_busy_is_said_to_be_and_asking_ends()
    {
        between.Instead = http => S3Interposer.RefuseAsync(http, 503, "SlowDown");
        var refused = await Assert.ThrowsAsync<ProblemException>(() => AddAsync(place.Open(between.Port), Some(1000)));
        Assert.Equal((ProblemKind.Unavailable, "objects.s3-busy"), (refused.Kind, refused.Code));
        Assert.InRange(between.Heard.Count(request => request.StartsWith("PUT", StringComparison.Ordinal)), 2, 10);
    }

    [Fact]
    public async Task A_connection_that_breaks_in_the_middle_of_a_pack_is_opened_anew()
    {
        var cuts = 2;
        between.Instead = http => Interlocked.Decrement(ref cuts) >= 0 ? S3Interposer.CutAsync(http) : Task.FromResult(false);
        var one = Some(1_000_000);
        await AddAsync(place.Open(between.Port), one);
        Assert.True(await place.Open().ExistsAsync(one.Reference, Cancelled));
    }

    [Fact]
    public async Task A_service_that_is_gone_in_the_middle_of_a_batch_leaves_none_of_it_to_be_read()
    {
        var puts = 0;
        between.Instead = http => http.Request.Method == "PUT" && Interlocked.Increment(ref puts) == 1 ? Task.FromResult(false) : S3Interposer.CutAsync(http);
        var all = Enumerable.Range(0, 10).Select(_ => Some(2 << 20)).ToArray();

        var refused = await Assert.ThrowsAsync<ProblemException>(() => AddAsync(place.Open(between.Port), all));

        Assert.Equal("objects.s3-unreachable", refused.Code);
        foreach (var (reference, _) in all)
        {
            Assert.False(await place.Open().ExistsAsync(reference, Cancelled));
        }

        // It could not even be cleared away; the sweep will.
        Assert.Single(await place.ListAsync());
    }

    private S3Options With(S3Key key) => server.OptionsFor(place.Options.Bucket, folder.Under("key"), key);

    private S3Options Encrypted(string authority) => new()
    {
        Endpoint = $"https://localhost:{server.TlsPort}",
        Bucket = place.Options.Bucket,
        Region = "default",
        CredentialsFile = place.Options.CredentialsFile,
        AuthorityFile = authority,
    };

    private async Task AssertRefusedAsync(S3Options options, string code, string said)
    {
        using var store = new S3ObjectStore(new S3Bucket(options), place.Database, TimeProvider.System);
        var problem = await Assert.ThrowsAsync<ProblemException>(() => store.ClaimAsync("one", fresh: true, Cancelled));
        Assert.Equal((code, ProblemKind.Unavailable), (problem.Code, problem.Kind));
        Assert.Contains(said, problem.Message, StringComparison.Ordinal);
        Assert.Contains(options.Bucket, problem.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("secret-of", problem.ToString(), StringComparison.Ordinal);
    }

    private static (ObjectReference Reference, byte[] Content) Some(int length)
    {
        var content = System.Security.Cryptography.RandomNumberGenerator.GetBytes(length);
        return (new ObjectReference(ObjectKind.File, Digest.Of(content)), content);
    }

    private static async Task AddAsync(S3ObjectStore store, params (ObjectReference Reference, byte[] Content)[] all)
    {
        await using var batch = store.Begin();
        foreach (var (reference, content) in all)
        {
            await batch.AddAsync(reference, new StoredForm(ObjectEncoding.Plain, content.Length), content, Cancelled);
        }

        await batch.CommitAsync(Cancelled);
    }
}
