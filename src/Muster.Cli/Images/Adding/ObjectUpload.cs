using System.Threading.Channels;
using Muster.Cli.Connection;
using Muster.Core.Images;
using Muster.Core.Objects;
using Muster.Core.Problems;
using Muster.Core.Trees;

namespace Muster.Cli.Images.Adding;

/// <summary>
/// Sends what the server lacks: file contents compressed on all processors while earlier batches travel, and last what names
/// them, so that nothing named is ever incomplete. Sending again after a cut sends only what did not arrive.
/// </summary>
internal sealed class ObjectUpload(MusterClient client, ITreeSource source, UploadProgress progress, TimeProvider time)
{
    private const int ChunkSize = 1 << 20, ChunksAhead = 16, Senders = 2;
    private const long BatchBytes = 96L << 20;

    private readonly int packers = Math.Clamp(Environment.ProcessorCount, 2, 8);

    public async Task SendAsync(LackingObjects lacking, Image image, Tree tree, CancellationToken cancellationToken)
    {
        var large = lacking.Files.Where(file => file.Entry.Size > ObjectLimits.FileInBatch).ToList();
        var small = lacking.Files.Where(file => file.Entry.Size <= ObjectLimits.FileInBatch).ToList();
        var structures = Structures(lacking, image, tree);
        if (large.Count == 0 && lacking.FileBytes <= BatchBytes)
        {
            // Little enough for one batch: files and what names them travel together and are made durable once.
            await SendAsync(small, structures, senders: 1, BatchBytes * 4, cancellationToken);
            return;
        }

        var part = new PartUpload(client, source, progress, time);
        await Together.RunAsync(
            [
                stop => SendAsync(small, [], Senders, BatchBytes, stop),
                stop => Parallel.ForEachAsync(large, new ParallelOptions { MaxDegreeOfParallelism = Senders, CancellationToken = stop }, (file, ct) => new ValueTask(part.SendAsync(file, ct))),
            ],
            cancellationToken);
        await SendAsync([], structures, senders: 1, BatchBytes * 4, cancellationToken);
    }

    private static List<(ObjectReference Reference, byte[] Bytes)> Structures(LackingObjects lacking, Image image, Tree tree)
    {
        var structures = new List<(ObjectReference, byte[])>(lacking.Directories.Count + 2);
        foreach (var (path, directory) in lacking.Directories)
        {
            var encoded = TreeFormat.Encode(directory);
            structures.Add((new ObjectReference(ObjectKind.Directory, directory.Digest), encoded.Length <= ObjectLimits.Structure ? encoded : throw TooLarge(path, encoded.Length)));
        }

        if (lacking.Tree)
        {
            structures.Add((new ObjectReference(ObjectKind.Tree, tree.Digest), TreeFormat.Encode(tree)));
        }

        var bytes = image.Encode();
        structures.Add((new ObjectReference(ObjectKind.Image, Digest.Of(bytes)), bytes));
        return structures;
    }

    private static ProblemException TooLarge(TreePath path, int length) =>
        new(ProblemKind.TooLarge, "directory.too-large", $"what {path} says of its entries takes {length} bytes, of which {ObjectLimits.Structure} are allowed: it has too many names or attributes for one directory");

    private Task SendAsync(
        List<WantedFile> files, List<(ObjectReference Reference, byte[] Bytes)> structures, int senders, long batchBytes, CancellationToken cancellationToken)
    {
        var chunks = Channel.CreateBounded<BatchChunk>(ChunksAhead);
        var sending = Enumerable.Range(0, senders).Select<int, Func<CancellationToken, Task>>(_ => stop => SendBatchesAsync(chunks.Reader, batchBytes, stop));
        return Together.RunAsync([stop => PackAsync(files, structures, chunks.Writer, stop), .. sending], cancellationToken);
    }

    private async Task PackAsync(
        List<WantedFile> files, List<(ObjectReference Reference, byte[] Bytes)> structures, ChannelWriter<BatchChunk> to, CancellationToken cancellationToken)
    {
        var next = -1;
        await Together.RunAsync(
            Enumerable.Range(0, packers).Select<int, Func<CancellationToken, Task>>(_ => stop => Task.Run(() => PackFilesAsync(files, () => Interlocked.Increment(ref next), to, stop), stop)),
            cancellationToken);
        using var packer = new Packer(to);
        foreach (var (reference, bytes) in structures)
        {
            (await packer.RoomAsync(bytes.Length, cancellationToken)).Add(reference, bytes);
        }

        await packer.FlushAsync(cancellationToken);
        to.Complete();
    }

    private async Task PackFilesAsync(List<WantedFile> files, Func<int> next, ChannelWriter<BatchChunk> to, CancellationToken cancellationToken)
    {
        using var packer = new Packer(to);
        var buffer = new byte[64 << 10];
        for (var index = next(); index < files.Count; index = next())
        {
            var file = files[index];
            var size = (int)file.Entry.Size;
            if (buffer.Length < size)
            {
                buffer = new byte[Math.Min(ObjectLimits.FileInBatch, size * 2)];
            }

            using (var content = source.Open(file))
            {
                content.Read(0, buffer.AsSpan(0, size));
            }

            (await packer.RoomAsync(size, cancellationToken)).Add(new ObjectReference(ObjectKind.File, file.Entry.Content), buffer.AsSpan(0, size));
            progress.Packed(size);
        }

        await packer.FlushAsync(cancellationToken);
    }

    private async Task SendBatchesAsync(ChannelReader<BatchChunk> chunks, long batchBytes, CancellationToken cancellationToken)
    {
        while (await chunks.WaitToReadAsync(cancellationToken))
        {
            using var content = new BatchContent(chunks, batchBytes, progress, cancellationToken);
            using var request = new HttpRequestMessage(HttpMethod.Post, Running.OperationPath.Of("Objects.Add")) { Content = content };
            using var answer = await client.SendAsync(request, cancellationToken);
        }
    }

    /// <summary>Fills chunks and hands each over when it is full.</summary>
    private sealed class Packer(ChannelWriter<BatchChunk> to) : IDisposable
    {
        private BatchChunk? chunk;

        public async ValueTask<BatchChunk> RoomAsync(int content, CancellationToken cancellationToken)
        {
            if (chunk is not null && !chunk.Fits(content))
            {
                await FlushAsync(cancellationToken);
            }

            return chunk ??= new BatchChunk(Math.Max(ChunkSize, BatchChunk.RoomFor(content)));
        }

        public async ValueTask FlushAsync(CancellationToken cancellationToken)
        {
            if (chunk is not null)
            {
                await to.WriteAsync(chunk, cancellationToken);
                chunk = null;
            }
        }

        public void Dispose() => chunk?.Dispose();
    }
}
