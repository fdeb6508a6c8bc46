using System.Buffers.Binary;
using System.Security.Cryptography;
using Muster.Core.Objects;
using Muster.Core.Problems;
using Muster.Files;

namespace Muster.Server.Objects;

/// <summary>
/// Objects as files: <c>KIND/FIRST TWO DIGITS/DIGEST</c>, each behind a header of 16 bytes (<c>MOBJ</c>, version, encoding, two zeros,
/// length of the content). New ones are written to <c>incoming/</c>, brought to the medium with one syncfs for the whole batch, and only
/// then renamed; a second syncfs makes the names durable before the caller commits its rows.
/// </summary>
internal sealed class FolderObjectStore : IObjectStore, IDisposable
{
    public const string FolderPlace = "folder";
    private const int HeaderSize = 16;
    private const byte Version = 1;

    // Threads that make files in one folder wait for each other.
    private const int Incoming = 16;
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    private readonly string folder;
    private readonly string incoming;
    private readonly FileStream alive;

    public FolderObjectStore(string folder)
    {
        this.folder = folder;
        incoming = "incoming/" + RandomNumberGenerator.GetHexString(16, lowercase: true);
        Directory.CreateDirectory(Path.Combine(folder, "incoming"), OwnerOnly);
        alive = Hold(Path.Combine(folder, incoming), alone: false) ?? throw new InvalidOperationException($"{incoming} is not random");
        foreach (var name in Enum.GetValues<ObjectKind>().Select(KindName).Append("quarantine").Concat(Enumerable.Range(0, Incoming).Select(IncomingName)))
        {
            Directory.CreateDirectory(Path.Combine(folder, name), OwnerOnly);
        }

        ClearAway();
        foreach (var kind in Enum.GetValues<ObjectKind>())
        {
            for (var first = 0; first < 256; first++)
            {
                Directory.CreateDirectory(Path.Combine(folder, KindName(kind), first.ToString("x2", System.Globalization.CultureInfo.InvariantCulture)), OwnerOnly);
            }
        }
    }

    public string Place => FolderPlace;

    public IObjectBatch Begin() => new Batch(this);

    public Task<StoredObject?> FindAsync(ObjectReference reference, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        FileStream file;
        try
        {
            // Unbuffered: whoever reads takes large pieces.
            file = new FileStream(PathOf(reference), FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, 0);
        }
        catch (FileNotFoundException)
        {
            return Task.FromResult<StoredObject?>(null);
        }

        try
        {
            Span<byte> header = stackalloc byte[HeaderSize];
            var read = file.ReadAtLeast(header, HeaderSize, throwOnEndOfStream: false);
            var form = read == HeaderSize ? ReadHeader(header) : default;

            // A file whose header is damaged is opened as one whose content cannot be right, so that it goes the way of all corrupt objects.
            return Task.FromResult<StoredObject?>(new StoredObject(form, Math.Max(0, file.Length - HeaderSize), file));
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    public Task<IReadOnlyList<ObjectReference>> InOrderAsync(IReadOnlyCollection<ObjectReference> references, CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyList<ObjectReference>>([.. references]);

    public Task<bool> ExistsAsync(ObjectReference reference, CancellationToken cancellationToken) => Task.FromResult(File.Exists(PathOf(reference)));

    public Task QuarantineAsync(ObjectReference reference, CancellationToken cancellationToken)
    {
        var aside = Path.Combine(folder, "quarantine", $"{KindName(reference.Kind)}-{reference.Digest}-{RandomNumberGenerator.GetHexString(8, lowercase: true)}");
        try
        {
            File.Move(PathOf(reference), aside);
        }
        catch (FileNotFoundException)
        {
            // Another reader found it corrupt at the same time.
        }

        return Task.CompletedTask;
    }

    public Task DeleteAsync(ObjectReference reference, CancellationToken cancellationToken)
    {
        File.Delete(PathOf(reference));
        return Task.CompletedTask;
    }

    public void Dispose() => alive.Dispose();

    // Whoever has the folder has the installation.
    public Task<bool> ClaimAsync(string installation, bool fresh, CancellationToken cancellationToken) => Task.FromResult(false);

    public async Task RequireWritableAsync(CancellationToken cancellationToken)
    {
        try
        {
            var something = new byte[64 << 10];
            await using var batch = Begin();
            await batch.AddAsync(new ObjectReference(ObjectKind.File, Digest.Of(something)), new StoredForm(ObjectEncoding.Plain, something.Length), something, cancellationToken);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ProblemException(ProblemKind.Unavailable, "objects.unusable", $"nothing can be stored with the objects: {e.Message}", e);
        }
    }

    // What a killed server had begun; nothing refers to it. A server that lives, here or on another host, holds the lock beside its folder.
    private void ClearAway()
    {
        foreach (var left in Directory.EnumerateDirectories(Path.Combine(folder, "incoming")))
        {
            using var held = Hold(left, alone: true);
            if (held is not null)
            {
                Directory.Delete(left, recursive: true);
                File.Delete(held.Name);
            }
        }
    }

    private static FileStream? Hold(string server, bool alone)
    {
        try
        {
            return new FileStream(server + ".lock", FileMode.OpenOrCreate, alone ? FileAccess.ReadWrite : FileAccess.Read, alone ? FileShare.None : FileShare.Read);
        }
        catch (IOException e) when (e.HResult == Errno.EAGAIN)
        {
            return null;
        }
    }

    private string IncomingName(int number) => incoming + "/" + number.ToString("x", System.Globalization.CultureInfo.InvariantCulture);

    private static string KindName(ObjectKind kind) => kind.ToString().ToLowerInvariant();

    private string PathOf(ObjectReference reference)
    {
        var name = reference.Digest.ToString();
        return $"{folder}/{KindName(reference.Kind)}/{name.AsSpan(0, 2)}/{name}";
    }

    private static StoredForm ReadHeader(ReadOnlySpan<byte> header)
    {
        var known = header[..4].SequenceEqual("MOBJ"u8) && header[4] == Version && header[5] <= (byte)ObjectEncoding.Zstd && header[6] == 0 && header[7] == 0;
        return known ? new StoredForm((ObjectEncoding)header[5], BinaryPrimitives.ReadInt64LittleEndian(header[8..])) : new StoredForm(ObjectEncoding.Plain, -1);
    }

    private static void WriteHeader(StoredForm form, Span<byte> header)
    {
        header.Clear();
        "MOBJ"u8.CopyTo(header);
        header[4] = Version;
        header[5] = (byte)form.Encoding;
        BinaryPrimitives.WriteInt64LittleEndian(header[8..], form.Length);
    }

    private sealed class Batch(FolderObjectStore store) : IObjectBatch
    {
        private readonly string name = RandomNumberGenerator.GetHexString(16, lowercase: true);
        private readonly Lock gate = new();
        private readonly List<(string From, string To)> written = [];
        private int count;

        public Task AddAsync(ObjectReference reference, StoredForm form, ReadOnlyMemory<byte> stored, CancellationToken cancellationToken)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var path = NextPath();
            try
            {
                using var file = File.OpenHandle(path, FileMode.CreateNew, FileAccess.Write);
                var header = new byte[HeaderSize];
                WriteHeader(form, header);
                RandomAccess.Write(file, [header, stored], 0);
            }
            catch (IOException e)
            {
                throw NoRoom(e);
            }

            Remember(path, reference);
            return Task.CompletedTask;
        }

        public async Task AddAsync(ObjectReference reference, StoredForm form, Stream stored, CancellationToken cancellationToken)
        {
            var path = NextPath();
            try
            {
                await using var file = new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.None, 0);
                var header = new byte[HeaderSize];
                WriteHeader(form, header);
                await file.WriteAsync(header, cancellationToken);
                await stored.CopyToAsync(file, 1 << 20, cancellationToken);
            }
            catch (IOException e)
            {
                throw NoRoom(e);
            }

            Remember(path, reference);
        }

        public Task CommitAsync(CancellationToken cancellationToken)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (written.Count == 0)
            {
                return Task.CompletedTask;
            }

            using var any = Linux.OpenRoot(store.folder);
            Linux.FlushFileSystem(any);
            try
            {
                foreach (var (from, to) in written)
                {
                    File.Move(from, to, overwrite: true);
                }
            }
            catch (IOException e)
            {
                throw NoRoom(e);
            }

            written.Clear();
            count = 0;
            Linux.FlushFileSystem(any);
            return Task.CompletedTask;
        }

        public ValueTask DisposeAsync()
        {
            for (var index = 1; index <= count; index++)
            {
                File.Delete(PathAt(index));
            }

            return ValueTask.CompletedTask;
        }

        private string NextPath() => PathAt(Interlocked.Increment(ref count));

        private string PathAt(int index) => $"{store.folder}/{store.IncomingName(index % Incoming)}/{name}-{index}";

        private void Remember(string path, ObjectReference reference)
        {
            lock (gate)
            {
                written.Add((path, store.PathOf(reference)));
            }
        }

        private Exception NoRoom(IOException e) => (e.HResult & 0xFFFF) is Errno.ENOSPC or Errno.EDQUOT
            ? new ProblemException(ProblemKind.Full, "objects.full", $"no room left in {store.folder} for new objects; nothing of this batch was kept, what was there before is", e)
            : e;
    }
}
