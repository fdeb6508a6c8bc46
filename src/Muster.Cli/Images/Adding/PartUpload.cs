using System.Buffers;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using Muster.Cli.Connection;
using Muster.Cli.Running;
using Muster.Core.Objects;
using Muster.Protocol;
using Muster.Protocol.Objects;

namespace Muster.Cli.Images.Adding;

/// <summary>Sends one large file by its plain bytes, going on where an earlier attempt was cut off, even one of another day.</summary>
internal sealed class PartUpload(MusterClient client, ITreeSource source, UploadProgress progress)
{
    public async Task SendAsync(WantedFile file, CancellationToken cancellationToken)
    {
        var reference = new ObjectReference(ObjectKind.File, file.Entry.Content);
        var address = string.Create(CultureInfo.InvariantCulture, $"{OperationPath.Of("Objects.Part")}?object={reference}&length={file.Entry.Size}");
        var part = await PostAsync(address, null, cancellationToken);
        if (part.Complete)
        {
            progress.Packed(file.Entry.Size);
            return;
        }

        progress.Packed(part.Received);
        using var open = source.Open(file);
        using var body = new RestOfFile(open, part.Received, file.Entry.Size, progress, cancellationToken);
        await PostAsync(string.Create(CultureInfo.InvariantCulture, $"{address}&offset={part.Received}"), body, cancellationToken);
    }

    // No limit of time: the rest may be terabytes.
    private async Task<ObjectPart> PostAsync(string address, HttpContent? body, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, address) { Content = body };
        using var response = await client.SendAsync(request, cancellationToken);
        await using var answer = await response.Content.ReadAsStreamAsync(cancellationToken);
        return (await JsonSerializer.DeserializeAsync(answer, MusterJson.Default.ObjectPart, cancellationToken))!;
    }

    private sealed class RestOfFile : HttpContent
    {
        private const int Piece = 1 << 20;

        private readonly IFileContent file;
        private readonly long from;
        private readonly long size;
        private readonly UploadProgress progress;
        private readonly CancellationToken cancellation;

        public RestOfFile(IFileContent file, long from, long size, UploadProgress progress, CancellationToken cancellationToken)
        {
            (this.file, this.from, this.size, this.progress, cancellation) = (file, from, size, progress, cancellationToken);
            Headers.ContentType = new MediaTypeHeaderValue("application/octet-stream");
        }

        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            var buffer = ArrayPool<byte>.Shared.Rent(Piece);
            try
            {
                for (var offset = from; offset < size;)
                {
                    var count = (int)Math.Min(Piece, size - offset);
                    file.Read(offset, buffer.AsSpan(0, count));
                    await stream.WriteAsync(buffer.AsMemory(0, count), cancellation);
                    offset += count;
                    progress.Packed(count);
                    progress.Sent(count);
                }
            }
            finally
            {
                ArrayPool<byte>.Shared.Return(buffer);
            }
        }

        protected override bool TryComputeLength(out long length)
        {
            length = size - from;
            return true;
        }
    }
}
