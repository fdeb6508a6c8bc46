using Amazon.S3.Model;
using Muster.Files;

namespace Muster.Server.Objects.S3;

/// <summary>An answer's body that must go on coming: a store that falls silent in the middle of it would hold a reader for ever.</summary>
internal sealed class PromptStream(GetObjectResponse response, long length) : ForwardStream
{
    private static readonly TimeSpan MostSilence = TimeSpan.FromMinutes(1);

    public override bool CanRead => true;

    public override long Length => length;

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        using var silence = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        silence.CancelAfter(MostSilence);
        try
        {
            return await response.ResponseStream.ReadAsync(buffer, silence.Token);
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            throw new IOException($"the object store sent nothing for {MostSilence.TotalSeconds} s", e);
        }
        catch (Exception e) when (e is Amazon.Runtime.AmazonClientException)
        {
            throw new IOException($"the object store broke off: {e.Message}", e);
        }
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            response.Dispose();
        }

        base.Dispose(disposing);
    }
}
