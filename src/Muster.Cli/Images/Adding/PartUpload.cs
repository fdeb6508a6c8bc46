using System.Buffers;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using Muster.Cli.Connection;
using Muster.Cli.Running;
using Muster.Core.Objects;
using Muster.Core.Problems;
using Muster.Files;
using Muster.Protocol;
using Muster.Protocol.Objects;

namespace Muster.Cli.Images.Adding;

/// <summary>
/// Sends one large file in compressed pieces, going on where an earlier attempt was cut off, even one of another day. A piece is small
/// enough that a refusal, which is heard only after it was sent, does not come late.
/// </summary>
internal sealed class PartUpload(MusterClient client, ITreeSource source, UploadProgress progress, TimeProvider time)
{
    private const int Piece = 64 << 20;

    private static readonly TimeSpan OtherSends = TimeSpan.FromSeconds(1);

    public async Task SendAsync(WantedFile file, CancellationToken cancellationToken)
    {
        var reference = new ObjectReference(ObjectKind.File, file.Entry.Content);
        var size = file.Entry.Size;
        var address = string.Create(CultureInfo.InvariantCulture, $"{OperationPath.Of("Objects.Part")}?object={reference}&length={size}");
        using var open = source.Open(file);
        long told = 0;
        for (var complete = false; !complete;)
        {
            try
            {
                var part = await PostAsync(address, null, cancellationToken);
                while (!part.Complete)
                {
                    Tell(part.Received);
                    using var piece = new PieceOfFile(open, part.Received, Math.Min(size, part.Received + Piece), count => Tell(told + count), progress, cancellationToken);
                    part = await PostAsync(string.Create(CultureInfo.InvariantCulture, $"{address}&offset={part.Received}"), piece, cancellationToken);
                }

                Tell(size);
                complete = true;
            }
            catch (ProblemException e) when (e.Code is "part.busy" or "part.offset")
            {
                // Somebody else sends the same file, or the server still holds what was left of a cut connection.
                // Whatever arrives that way need not be sent from here.
                await Task.Delay(e.RetryAfter ?? OtherSends, time, cancellationToken);
            }
        }

        void Tell(long received)
        {
            progress.Packed(received - told);
            told = received;
        }
    }

    // No limit of time: the last piece is answered when terabytes were checked.
    private async Task<ObjectPart> PostAsync(string address, HttpContent? body, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, address) { Content = body };
        using var response = await client.SendAsync(request, cancellationToken);
        await using var answer = await response.Content.ReadAsStreamAsync(cancellationToken);
        return (await JsonSerializer.DeserializeAsync(answer, MusterJson.Default.ObjectPart, cancellationToken))!;
    }

    private sealed class PieceOfFile : HttpContent
    {
        private const int AtOnce = 1 << 20;

        private readonly IFileContent file;
        private readonly long from;
        private readonly long until;
        private readonly Action<long> packed;
        private readonly UploadProgress progress;
        private readonly CancellationToken cancellation;

        public PieceOfFile(IFileContent file, long from, long until, Action<long> packed, UploadProgress progress, CancellationToken cancellationToken)
        {
            (this.file, this.from, this.until, this.packed, this.progress, cancellation) = (file, from, until, packed, progress, cancellationToken);
            Headers.ContentType = new MediaTypeHeaderValue("application/octet-stream");
            Headers.ContentEncoding.Add("zstd");
        }

        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            var content = ArrayPool<byte>.Shared.Rent(AtOnce);
            var frame = ArrayPool<byte>.Shared.Rent(Zstd.MostCompressed(AtOnce));
            try
            {
                for (var offset = from; offset < until;)
                {
                    var count = (int)Math.Min(AtOnce, until - offset);
                    file.Read(offset, content.AsSpan(0, count));
                    var length = Zstd.TryCompress(content.AsSpan(0, count), frame)!.Value;
                    await stream.WriteAsync(frame.AsMemory(0, length), cancellation);
                    offset += count;
                    packed(count);
                    progress.Sent(length);
                }
            }
            finally
            {
                ArrayPool<byte>.Shared.Return(content);
                ArrayPool<byte>.Shared.Return(frame);
            }
        }

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }
}
