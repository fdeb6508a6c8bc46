using System.Security.Cryptography;
using Microsoft.Extensions.Options;
using Muster.Core.Objects;
using Muster.Core.Problems;
using Muster.Files;
using Muster.Protocol.Objects;
using Muster.Server.Database;

namespace Muster.Server.Objects;

/// <summary>
/// Large files that arrive in pieces, by offset, and go on where they stopped, also after a restart of the server. What has arrived lies
/// in a file with holes for its zeros; when the last byte is there it is checked against its name on its way into the store.
/// </summary>
internal sealed class PartUploads(
    IObjectStore store, SqlDatabase database, ObjectsMetrics metrics, TimeProvider time, IOptions<ObjectsOptions> options, ServerOptions server)
{
    private const int Buffer = 1 << 20, Samples = 3;

    private readonly string folder = Path.Combine(options.Value.Folder is { Length: > 0 } own ? own : Path.Combine(server.DataDirectory, "objects"), "parts");

    /// <summary>Adds a piece at <paramref name="offset"/>, which must be where the last one ended; null only asks how far it is.</summary>
    public async Task<ObjectPart> AddAsync(OrganisationId organisation, ObjectReference reference, long length, long? offset, Stream body, CancellationToken cancellationToken)
    {
        var had = await database.ReadAsync(sql => OrganisationObjects.FindAsync(sql, organisation, [reference], cancellationToken), cancellationToken);
        if (had.Count > 0)
        {
            return new ObjectPart(length, true);
        }

        var path = PathOf(organisation, reference);
        if (offset is null)
        {
            return new ObjectPart(File.Exists(path) ? Math.Min(new FileInfo(path).Length, length) : 0, false);
        }

        try
        {
            await using var part = Open(path);
            if (part.Length != offset)
            {
                throw new ProblemException(ProblemKind.Conflict, "part.offset", $"{part.Length} bytes of {reference} are here; go on there, not at {offset}");
            }

            await ReceiveAsync(part, reference, length, body, cancellationToken);
            if (part.Length < length)
            {
                return new ObjectPart(part.Length, false);
            }

            await CompleteAsync(organisation, reference, part, cancellationToken);
        }
        catch (IOException e) when ((e.HResult & 0xFFFF) is Errno.ENOSPC or Errno.EDQUOT)
        {
            throw new ProblemException(ProblemKind.Full, "objects.full", $"no room left for {reference}; what arrived is kept, go on when there is room", e);
        }

        File.Delete(path);
        return new ObjectPart(length, true);
    }

    /// <summary>Drops uploads that nobody went on with.</summary>
    public void ForgetOld()
    {
        var before = time.GetUtcNow() - options.Value.PartLifetime;
        foreach (var path in Directory.Exists(folder) ? Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories) : [])
        {
            if (File.GetLastWriteTimeUtc(path) < before)
            {
                File.Delete(path);
            }
        }
    }

    private static async Task ReceiveAsync(FileStream part, ObjectReference reference, long length, Stream body, CancellationToken cancellationToken)
    {
        var buffer = new byte[Buffer];
        while (await body.ReadAsync(buffer, cancellationToken) is var count and > 0)
        {
            if (part.Length + count > length)
            {
                throw new ProblemException(ProblemKind.Invalid, "part.too-long", $"more bytes were sent than the {length} that {reference} should have");
            }

            if (buffer.AsSpan(0, count).ContainsAnyExcept((byte)0))
            {
                part.Position = part.Length;
                await part.WriteAsync(buffer.AsMemory(0, count), cancellationToken);
            }
            else
            {
                part.SetLength(part.Length + count);
            }
        }
    }

    private string PathOf(OrganisationId organisation, ObjectReference reference) => Path.Combine(folder, organisation.Value.ToString("N"), reference.Digest.ToString());

    private FileStream Open(string path)
    {
        var own = Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        if (!File.Exists(path) && own.EnumerateFiles().Take(options.Value.MaxParts).Count() == options.Value.MaxParts)
        {
            throw new ProblemException(ProblemKind.Throttled, "part.too-many", $"{options.Value.MaxParts} uploads are begun; end some first") { RetryAfter = TimeSpan.FromMinutes(1) };
        }

        try
        {
            return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, 0, FileOptions.Asynchronous);
        }
        catch (IOException e) when ((e.HResult & 0xFFFF) == Errno.EAGAIN)
        {
            throw new ProblemException(ProblemKind.Conflict, "part.busy", "another request is sending this file", e) { RetryAfter = TimeSpan.FromSeconds(1) };
        }
    }

    private async Task CompleteAsync(OrganisationId organisation, ObjectReference reference, FileStream part, CancellationToken cancellationToken)
    {
        var encoding = await ShrinksAsync(part, cancellationToken) ? ObjectEncoding.Zstd : ObjectEncoding.Plain;
        part.Position = 0;
        using var sha = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        await using var content = new TallyStream(part, sha);
        await using var packed = encoding == ObjectEncoding.Zstd ? new ZstdPackStream(content) : (Stream)content;
        await using var stored = new TallyStream(packed);
        await using var batch = store.Begin();
        await batch.AddAsync(reference, new StoredForm(encoding, part.Length), stored, cancellationToken);
        if (new Digest(sha.GetHashAndReset()) != reference.Digest)
        {
            part.SetLength(0);
            throw ObjectBytes.Mismatch(reference, null);
        }

        await batch.CommitAsync(cancellationToken);
        var kept = new KeptObject(reference, part.Length, stored.Passed);
        var added = await database.WriteAsync(sql => OrganisationObjects.AddAsync(sql, organisation, [kept], false, time.GetUtcNow(), cancellationToken), cancellationToken);
        metrics.Added(added);
    }

    // Judged by a few pieces of it, because a second copy only to choose the smaller may be one too many for the disk.
    private static async Task<bool> ShrinksAsync(FileStream part, CancellationToken cancellationToken)
    {
        var (piece, packed) = (new byte[Buffer], new byte[Zstd.MostCompressed(Buffer)]);
        long before = 0, after = 0;
        for (var sample = 0; sample < Samples; sample++)
        {
            part.Position = Math.Max(0, part.Length - Buffer) / (Samples - 1) * sample;
            var length = await part.ReadAtLeastAsync(piece, Buffer, throwOnEndOfStream: false, cancellationToken);
            before += length;
            after += Zstd.TryCompress(piece.AsSpan(0, length), packed) ?? length;
        }

        return after < before - (before / 16);
    }
}
