using System.Security.Cryptography;
using Microsoft.Win32.SafeHandles;
using Muster.Core.Objects;
using Muster.Files;

namespace Muster.Agent.Applying;

/// <summary>Writes the content of one file front to back, leaves holes where there are only zeros, and names what it wrote.</summary>
internal sealed class ContentWriter(SafeFileHandle file) : IDisposable
{
    // Smaller runs of zeros are written: a hole would save nothing and cost an extent.
    private const int HoleSize = 64 * 1024;

    private readonly IncrementalHash sha = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);

    public long Length { get; private set; }

    public void Dispose() => sha.Dispose();

    public void Write(ReadOnlySpan<byte> bytes)
    {
        sha.AppendData(bytes);
        while (!bytes.IsEmpty)
        {
            // By blocks that are aligned in the file, however the bytes arrive.
            var part = bytes[..(int)Math.Min(bytes.Length, HoleSize - (Length % HoleSize))];
            if (part.Length < HoleSize || part.ContainsAnyExcept((byte)0))
            {
                Linux.Write(file, part, Length);
            }

            Length += part.Length;
            bytes = bytes[part.Length..];
        }
    }

    /// <summary>True if what was written so far is the content of this name.</summary>
    public bool IsContent(Digest content)
    {
        Span<byte> hash = stackalloc byte[DigestBytes.Size];
        sha.GetCurrentHash(hash);
        return new Digest(hash) == content;
    }

    /// <summary>Forgets what was written and begins anew.</summary>
    public void Restart()
    {
        Span<byte> hash = stackalloc byte[DigestBytes.Size];
        sha.GetHashAndReset(hash);
        Length = 0;
        Linux.SetLength(file, 0);
    }

    /// <summary>Ends the file and gives its digest.</summary>
    public Digest Finish()
    {
        Linux.SetLength(file, Length);
        Span<byte> hash = stackalloc byte[DigestBytes.Size];
        sha.GetHashAndReset(hash);
        return new Digest(hash);
    }
}
