using System.Buffers;
using Muster.Core.Objects;
using Muster.Core.Problems;
using Muster.Server.Database;

namespace Muster.Server.Objects.S3;

/// <summary>
/// Objects on their way into a bucket. Small ones gather in a pack in memory, which is sent while the next one fills; a large one is sent
/// as a pack of its own. At most <see cref="MostSending"/> packs are in memory besides the one that fills.
/// </summary>
internal sealed class S3Batch(S3Bucket bucket, SqlDatabase database, TimeProvider time) : IObjectBatch
{
    private const int PackSize = 8 << 20;
    private const int MostSending = 3;
    private const int FirstPart = 16 << 20;
    private const int MostParts = 9_000;

    // What no row names for a day is swept; a batch that took longer than this could lose packs that it has yet to name.
    private static readonly TimeSpan Longest = TimeSpan.FromHours(12);

    private readonly DateTimeOffset begun = time.GetUtcNow();
    private readonly Lock gate = new();
    private readonly SemaphoreSlim sending = new(MostSending, MostSending);
    private readonly CancellationTokenSource stop = new();
    private readonly List<Task> sent = [];
    private readonly List<ObjectPlace> places = [];
    private readonly List<string> packs = [];
    private Pack? filling;
    private bool named;

    public async Task AddAsync(ObjectReference reference, StoredForm form, ReadOnlyMemory<byte> stored, CancellationToken cancellationToken)
    {
        // Whoever fills a pack waits until it may be sent, and with it whoever sends us objects: that is what bounds the memory.
        Pack? full = null;
        lock (gate)
        {
            if (filling is not null && filling.Length + PackFormat.HeaderSize + stored.Length > PackSize)
            {
                full = filling;
                filling = null;
            }

            filling ??= new Pack(NewPack(), Math.Max(PackSize, PackFormat.HeaderSize + stored.Length));
            places.Add(new ObjectPlace(reference, form, filling.Name, filling.Add(reference, form, stored.Span), stored.Length));
        }

        if (full is not null)
        {
            await SendAsync(full, cancellationToken);
        }
    }

    public async Task AddAsync(ObjectReference reference, StoredForm form, Stream stored, CancellationToken cancellationToken)
    {
        var header = new byte[PackFormat.HeaderSize];
        PackFormat.WriteHeader(reference, form, PackFormat.ToTheEnd, header);
        string name;
        lock (gate)
        {
            name = NewPack();
        }

        var length = await UploadAsync(bucket, S3ObjectStore.Packs + name, header, stored, form.Length, cancellationToken);
        lock (gate)
        {
            places.Add(new ObjectPlace(reference, form, name, PackFormat.HeaderSize, length - PackFormat.HeaderSize));
        }
    }

    public async Task CommitAsync(CancellationToken cancellationToken)
    {
        if (filling is { } last)
        {
            filling = null;
            await SendAsync(last, cancellationToken);
        }

        await Task.WhenAll(sent).WaitAsync(cancellationToken);
        if (time.GetUtcNow() - begun > Longest)
        {
            throw new ProblemException(ProblemKind.Unavailable, "objects.s3-slow", $"a batch took longer than {Longest.TotalHours} hours; send it again");
        }

        if (places.Count == 0)
        {
            return;
        }

        // From here on the rows may be there, also when nobody can say so.
        named = true;
        await database.WriteAsync(sql => ObjectPlaces.SetAsync(sql, places, time.GetUtcNow(), cancellationToken), cancellationToken);
        places.Clear();
    }

    public async ValueTask DisposeAsync()
    {
        filling?.Dispose();
        await stop.CancelAsync();
        await Task.WhenAll(sent).ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
        sending.Dispose();
        stop.Dispose();
        if (named || packs.Count == 0)
        {
            return;
        }

        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(10));
        try
        {
            await bucket.DeleteAsync(packs.Select(pack => S3ObjectStore.Packs + pack), patience.Token);
        }
        catch (Exception e) when (e is ProblemException or OperationCanceledException)
        {
            // The sweep finds them.
        }
    }

    /// <summary>Sends all of a stream behind <paramref name="before"/>: at once where it fits into memory, in parts where not. Answers how many bytes there are now.</summary>
    /// <param name="expected">About how long the stream is: parts are so large that their number suffices.</param>
    public static async Task<long> UploadAsync(S3Bucket bucket, string key, ReadOnlyMemory<byte> before, Stream content, long expected, CancellationToken cancellationToken)
    {
        var size = (int)Math.Clamp(expected / MostParts, FirstPart, Array.MaxLength);
        var buffers = new[] { ArrayPool<byte>.Shared.Rent(size), ArrayPool<byte>.Shared.Rent(size) };
        S3Upload? upload = null;
        var sending = Task.CompletedTask;
        try
        {
            before.CopyTo(buffers[0]);
            var count = before.Length + await content.ReadAtLeastAsync(buffers[0].AsMemory(before.Length, size - before.Length), size - before.Length, false, cancellationToken);
            if (count < size)
            {
                await bucket.PutAsync(key, buffers[0].AsMemory(0, count), cancellationToken);
                return count;
            }

            upload = await bucket.BeginUploadAsync(key, cancellationToken);
            long total = 0;
            for (var turn = 0; count > 0; turn++)
            {
                total += count;
                sending = bucket.AddPartAsync(upload, buffers[turn % 2].AsMemory(0, count), cancellationToken);
                count = await content.ReadAtLeastAsync(buffers[(turn + 1) % 2].AsMemory(0, size), size, false, cancellationToken);
                await sending;
            }

            await bucket.CompleteAsync(upload, cancellationToken);
            return total;
        }
        catch when (upload is not null)
        {
            await AbortAsync(bucket, upload, sending);
            throw;
        }
        finally
        {
            await sending.ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
            Array.ForEach(buffers, buffer => ArrayPool<byte>.Shared.Return(buffer));
        }
    }

    private static async Task AbortAsync(S3Bucket bucket, S3Upload upload, Task sending)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(10));
        try
        {
            await sending.ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
            await bucket.AbortAsync(upload, patience.Token);
        }
        catch (Exception e) when (e is ProblemException or OperationCanceledException)
        {
            // The sweep finds it.
        }
    }

    private string NewPack()
    {
        var name = Guid.CreateVersion7(time.GetUtcNow()).ToString("N");
        packs.Add(name);
        return name;
    }

    private async Task SendAsync(Pack pack, CancellationToken cancellationToken)
    {
        try
        {
            await sending.WaitAsync(cancellationToken);
        }
        catch
        {
            pack.Dispose();
            throw;
        }

        lock (gate)
        {
            sent.Add(PutAsync(pack));
        }
    }

    private async Task PutAsync(Pack pack)
    {
        try
        {
            await bucket.PutAsync(S3ObjectStore.Packs + pack.Name, pack.Bytes, stop.Token);
        }
        finally
        {
            pack.Dispose();
            sending.Release();
        }
    }

    private sealed class Pack(string name, int size) : IDisposable
    {
        private readonly byte[] bytes = ArrayPool<byte>.Shared.Rent(size);

        public string Name => name;

        public int Length { get; private set; }

        public ReadOnlyMemory<byte> Bytes => bytes.AsMemory(0, Length);

        /// <summary>Where its stored bytes begin.</summary>
        public long Add(ObjectReference reference, StoredForm form, ReadOnlySpan<byte> stored)
        {
            PackFormat.WriteHeader(reference, form, stored.Length, bytes.AsSpan(Length, PackFormat.HeaderSize));
            var start = Length + PackFormat.HeaderSize;
            stored.CopyTo(bytes.AsSpan(start));
            Length = start + stored.Length;
            return start;
        }

        public void Dispose() => ArrayPool<byte>.Shared.Return(bytes);
    }
}
