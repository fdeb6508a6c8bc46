using Amazon.S3;
using Amazon.S3.Model;
using Muster.Server;
using Muster.Server.Database;
using Muster.Server.Objects.S3;
using Muster.Testing;
using S3Bucket = Muster.Server.Objects.S3.S3Bucket;

namespace Muster.PeerTests.Objects;

/// <summary>A bucket, and the database of an installation that keeps its objects there.</summary>
internal sealed class S3Place : IAsyncDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly List<S3Bucket> opened = [];

    private S3Place()
    {
    }

    public S3Options Options { get; private set; } = null!;

    public SqlDatabase Database { get; private set; } = null!;

    /// <summary>The store's own view of the bucket.</summary>
    public AmazonS3Client Client { get; private set; } = null!;

    public static async Task<S3Place> MakeAsync(S3Server server, S3Key? owner = null)
    {
        var place = new S3Place();
        place.Options = await server.MakeBucketAsync(place.folder.Under("s3"), owner);
        place.Client = S3Server.Open(place.Options);
        var data = place.folder.Under("data");
        Directory.CreateDirectory(data);
        place.Database = new SqlDatabase(DatabaseFeature.Open(new ServerOptions { DataDirectory = data, DatabaseConnectionFile = await TestDatabase.EnsureAsync(data, CancellationToken.None) }));
        await Migrator.MigrateAsync(place.Database, Migrator.Embedded, TimeProvider.System, CancellationToken.None);
        return place;
    }

    /// <param name="port">Of what stands before the service; 0 for the service itself.</param>
    /// <param name="time">The server's clock.</param>
    public S3ObjectStore Open(int port = 0, TimeProvider? time = null)
    {
        var options = port == 0 ? Options : Through(port);
        var bucket = new S3Bucket(options);
        opened.Add(bucket);
        return new S3ObjectStore(bucket, Database, time ?? TimeProvider.System);
    }

    public S3Options Through(int port) =>
        new() { Endpoint = $"http://localhost:{port}", Bucket = Options.Bucket, Region = Options.Region, CredentialsFile = Options.CredentialsFile };

    /// <summary>Names of what is in the bucket, below the prefix.</summary>
    public async Task<IReadOnlyList<string>> ListAsync(string below = "packs/") =>
        [.. (await Client.ListObjectsV2Async(new ListObjectsV2Request { BucketName = Options.Bucket, Prefix = $"{Options.Prefix}/{below}" })).S3Objects?.Select(one => one.Key) ?? []];

    /// <summary>Changes an S3 object, as a store that lost something would.</summary>
    public async Task ChangeAsync(string key, Func<byte[], byte[]> change)
    {
        using var got = await Client.GetObjectAsync(Options.Bucket, key);
        using var bytes = new MemoryStream();
        await got.ResponseStream.CopyToAsync(bytes);
        await Client.PutObjectAsync(new PutObjectRequest { BucketName = Options.Bucket, Key = key, InputStream = new MemoryStream(change(bytes.ToArray())), UseChunkEncoding = false });
    }

    public async ValueTask DisposeAsync()
    {
        opened.ForEach(bucket => bucket.Dispose());
        Client.Dispose();
        await Database.DisposeAsync();
        await TestDatabase.RemoveAsync(folder.Under("data"));
        folder.Dispose();
    }
}
