using System.Net;
using System.Net.Http.Headers;
using System.Threading.Channels;

namespace Muster.Cli.Images.Adding;

/// <summary>The body of one batch: chunks as they come, until there are enough of them or none are left.</summary>
internal sealed class BatchContent : HttpContent
{
    private readonly ChannelReader<BatchChunk> chunks;
    private readonly long mostBytes;
    private readonly UploadProgress progress;
    private readonly CancellationToken cancellation;

    public BatchContent(ChannelReader<BatchChunk> chunks, long mostBytes, UploadProgress progress, CancellationToken cancellationToken)
    {
        this.chunks = chunks;
        this.mostBytes = mostBytes;
        this.progress = progress;
        cancellation = cancellationToken;
        Headers.ContentType = new MediaTypeHeaderValue("application/octet-stream");
    }

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
    {
        for (long sent = 0; sent < mostBytes && await chunks.WaitToReadAsync(cancellation);)
        {
            if (!chunks.TryRead(out var chunk))
            {
                continue;
            }

            using (chunk)
            {
                await stream.WriteAsync(chunk.Bytes, cancellation);
                sent += chunk.Length;
                progress.Sent(chunk.Length);
            }
        }
    }

    protected override bool TryComputeLength(out long length)
    {
        length = 0;
        return false;
    }
}
