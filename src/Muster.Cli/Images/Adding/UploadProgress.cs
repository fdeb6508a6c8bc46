namespace Muster.Cli.Images.Adding;

/// <summary>Counts of an upload, readable at any moment.</summary>
internal sealed class UploadProgress
{
    private long packed, sent;

    /// <summary>Bytes of content that were read and are sent or about to be.</summary>
    public long PackedBytes => Volatile.Read(ref packed);

    /// <summary>Bytes on the wire.</summary>
    public long SentBytes => Volatile.Read(ref sent);

    public void Packed(long count) => Interlocked.Add(ref packed, count);

    public void Sent(long count) => Interlocked.Add(ref sent, count);

    public void Restart() => Interlocked.Exchange(ref packed, 0);
}
