using System.Net;
using Amazon.S3;
using Amazon.S3.Model;
using Muster.Core.Problems;

namespace Muster.Server.Objects.S3;

/// <summary>One bucket below one prefix: the few requests that we make of it. Every failure is a problem that says what to do.</summary>
internal sealed class S3Bucket(S3Options options) : IDisposable
{
    // A deletion names at most this many (DeleteObjects).
    private const int DeletedAtOnce = 1000;

    private readonly AmazonS3Client client = S3Connection.Open(options);
    private readonly string prefix = options.Prefix + "/";

    /// <summary>For people.</summary>
    public string Where => $"{options.Endpoint.TrimEnd('/')}/{options.Bucket}";

    /// <summary>Bucket and prefix, which are what they are through whichever address they are reached.</summary>
    public string Name => $"{options.Bucket}/{options.Prefix}";

    public Task PutAsync(string key, ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken) => PutAsync(key, bytes, onlyNew: false, cancellationToken);

    /// <summary>Writes it where there is none; false where there is one already. A store that does not know the condition overwrites.</summary>
    public async Task<bool> TryPutNewAsync(string key, ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        try
        {
            await PutAsync(key, bytes, onlyNew: true, cancellationToken);
            return true;
        }
        catch (ProblemException e) when (e.InnerException is AmazonS3Exception { StatusCode: HttpStatusCode.PreconditionFailed or HttpStatusCode.Conflict })
        {
            return false;
        }
    }

    /// <summary>A range of an S3 object; null where there is no such object. One that ends before the range gives what there is.</summary>
    public async Task<Stream?> FindAsync(string key, long start, long length, CancellationToken cancellationToken)
    {
        try
        {
            var request = new GetObjectRequest { BucketName = options.Bucket, Key = prefix + key, ByteRange = new ByteRange(start, start + length - 1) };
            var response = await AskAsync(() => client.GetObjectAsync(request, cancellationToken), cancellationToken);

            // One without ranges answers the whole, which is refused rather than read past.
            return response.HttpStatusCode == HttpStatusCode.PartialContent
                ? new PromptStream(response, Math.Min(length, response.ContentLength))
                : throw new ProblemException(ProblemKind.Unavailable, "objects.s3", $"{Where} does not answer ranges, which are needed");
        }
        catch (ProblemException e) when (e.InnerException is AmazonS3Exception { ErrorCode: "NoSuchKey" })
        {
            return null;
        }
        catch (ProblemException e) when (e.InnerException is AmazonS3Exception { StatusCode: HttpStatusCode.RequestedRangeNotSatisfiable })
        {
            return new MemoryStream();
        }
    }

    public Task DeleteAsync(string key, CancellationToken cancellationToken) => AskAsync(() => client.DeleteObjectAsync(options.Bucket, prefix + key, cancellationToken), cancellationToken);

    public async Task DeleteAsync(IEnumerable<string> keys, CancellationToken cancellationToken)
    {
        foreach (var some in keys.Chunk(DeletedAtOnce))
        {
            var request = new DeleteObjectsRequest { BucketName = options.Bucket, Objects = [.. some.Select(key => new KeyVersion { Key = prefix + key })], Quiet = true };
            await AskAsync(() => client.DeleteObjectsAsync(request, cancellationToken), cancellationToken);
        }
    }

    /// <summary>Every S3 object below <paramref name="folder"/>, page by page.</summary>
    public async IAsyncEnumerable<StoredPack> ListAsync(string folder, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var request = new ListObjectsV2Request { BucketName = options.Bucket, Prefix = prefix + folder };
        do
        {
            var page = await AskAsync(() => client.ListObjectsV2Async(request, cancellationToken), cancellationToken);
            foreach (var one in page.S3Objects ?? [])
            {
                yield return new StoredPack(one.Key[prefix.Length..], new DateTimeOffset(one.LastModified!.Value.ToUniversalTime()));
            }

            request.ContinuationToken = page.IsTruncated == true ? page.NextContinuationToken : null;
        }
        while (request.ContinuationToken is not null);
    }

    /// <summary>Drops what uploads in parts that began before then have left.</summary>
    public async Task<int> AbortUploadsAsync(string folder, DateTimeOffset before, CancellationToken cancellationToken)
    {
        var request = new ListMultipartUploadsRequest { BucketName = options.Bucket, Prefix = prefix + folder };
        var page = await AskAsync(() => client.ListMultipartUploadsAsync(request, cancellationToken), cancellationToken);
        var old = (page.MultipartUploads ?? []).Where(one => one.Initiated is { } began && began.ToUniversalTime() < before.UtcDateTime).ToList();
        foreach (var one in old)
        {
            await AskAsync(() => client.AbortMultipartUploadAsync(options.Bucket, one.Key, one.UploadId, cancellationToken), cancellationToken);
        }

        return old.Count;
    }

    public async Task<S3Upload> BeginUploadAsync(string key, CancellationToken cancellationToken)
    {
        var begun = await AskAsync(() => client.InitiateMultipartUploadAsync(options.Bucket, prefix + key, cancellationToken), cancellationToken);
        return new S3Upload(begun.Key, begun.UploadId, []);
    }

    public async Task AddPartAsync(S3Upload upload, ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        var request = new UploadPartRequest
        {
            BucketName = options.Bucket,
            Key = upload.Key,
            UploadId = upload.Id,
            PartNumber = upload.Parts.Count + 1,
            PartSize = bytes.Length,
            InputStream = StreamOf(bytes),
            UseChunkEncoding = false,
            DisablePayloadSigning = false,
        };
        var part = await AskAsync(() => client.UploadPartAsync(request, cancellationToken), cancellationToken);
        upload.Parts.Add(new PartETag(request.PartNumber.Value, part.ETag));
    }

    public Task CompleteAsync(S3Upload upload, CancellationToken cancellationToken)
    {
        var request = new CompleteMultipartUploadRequest { BucketName = options.Bucket, Key = upload.Key, UploadId = upload.Id, PartETags = upload.Parts };
        return AskAsync(() => client.CompleteMultipartUploadAsync(request, cancellationToken), cancellationToken);
    }

    public Task AbortAsync(S3Upload upload, CancellationToken cancellationToken) =>
        AskAsync(() => client.AbortMultipartUploadAsync(options.Bucket, upload.Key, upload.Id, cancellationToken), cancellationToken);

    public void Dispose() => client.Dispose();

    public static MemoryStream StreamOf(ReadOnlyMemory<byte> bytes) =>
        System.Runtime.InteropServices.MemoryMarshal.TryGetArray(bytes, out var array)
            ? new MemoryStream(array.Array!, array.Offset, array.Count, writable: false)
            : new MemoryStream(bytes.ToArray(), writable: false);

    private Task<PutObjectResponse> PutAsync(string key, ReadOnlyMemory<byte> bytes, bool onlyNew, CancellationToken cancellationToken)
    {
        var request = new PutObjectRequest
        {
            BucketName = options.Bucket,
            Key = prefix + key,
            InputStream = StreamOf(bytes),
            IfNoneMatch = onlyNew ? "*" : null,

            // One hash over all of it in the signature, over TLS too: the store refuses what arrives changed.
            UseChunkEncoding = false,
            DisablePayloadSigning = false,
        };
        return AskAsync(() => client.PutObjectAsync(request, cancellationToken), cancellationToken);
    }

    private async Task<T> AskAsync<T>(Func<Task<T>> ask, CancellationToken cancellationToken)
    {
        try
        {
            return await ask();
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested && S3Problems.Explain(e, Where) is { } explained)
        {
            throw explained;
        }
        catch (Exception e) when (cancellationToken.IsCancellationRequested && e is not OperationCanceledException)
        {
            throw new OperationCanceledException(e.Message, e, cancellationToken);
        }
    }
}

/// <summary>An upload in parts under way; one thread at a time adds.</summary>
internal sealed record S3Upload(string Key, string Id, List<PartETag> Parts);

/// <param name="Key">Its name below the prefix.</param>
/// <param name="Modified">By the store's clock.</param>
internal sealed record StoredPack(string Key, DateTimeOffset Modified);
