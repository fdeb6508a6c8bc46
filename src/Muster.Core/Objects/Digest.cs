using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Muster.Core.Objects;

/// <summary>Room for the 32 bytes of a <see cref="Digest"/>, inline.</summary>
[InlineArray(Size)]
public struct DigestBytes
{
    /// <summary>Length in bytes.</summary>
    public const int Size = 32;

    private byte first;
}

/// <summary>The name of content: its SHA-256 (32 bytes; text form 64 lower-case hexadecimal digits).</summary>
[System.Text.Json.Serialization.JsonConverter(typeof(Json.DigestConverter))]
public readonly struct Digest : IEquatable<Digest>, IComparable<Digest>
{
    private static readonly SearchValues<char> Hexadecimal = SearchValues.Create("0123456789abcdef");
    private readonly DigestBytes bytes;

    /// <summary>Takes the 32 bytes of a digest.</summary>
    public Digest(ReadOnlySpan<byte> value)
    {
        if (value.Length != DigestBytes.Size)
        {
            throw new ArgumentException($"a digest has {DigestBytes.Size} bytes, not {value.Length}", nameof(value));
        }

        value.CopyTo(bytes);
    }

    /// <summary>The digest of no bytes at all. An empty file needs no object.</summary>
    public static Digest Empty { get; } = Of([]);

    /// <summary>The 32 bytes.</summary>
    [UnscopedRef]
    public ReadOnlySpan<byte> Bytes => bytes;

    /// <summary>True for the value that names nothing (all zero).</summary>
    public bool IsNone => Bytes.IndexOfAnyExcept((byte)0) < 0;

    /// <summary>Computes the digest of content.</summary>
    public static Digest Of(ReadOnlySpan<byte> content)
    {
        Span<byte> hash = stackalloc byte[DigestBytes.Size];
        SHA256.HashData(content, hash);
        return new Digest(hash);
    }

    /// <summary>Reads 64 lower-case hexadecimal digits; false for anything else.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out Digest digest)
    {
        digest = default;
        if (text is null || text.Length != 2 * DigestBytes.Size || text.AsSpan().ContainsAnyExcept(Hexadecimal))
        {
            return false;
        }

        digest = new Digest(Convert.FromHexString(text));
        return true;
    }

    /// <summary>Reads 64 lower-case hexadecimal digits.</summary>
    /// <exception cref="FormatException">The text is not a digest.</exception>
    public static Digest Parse(string text) =>
        TryParse(text, out var digest) ? digest : throw new FormatException($"'{text}' is not a digest: 64 lower-case hexadecimal digits are");

    /// <inheritdoc/>
    public bool Equals(Digest other) => Bytes.SequenceEqual(other.Bytes);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is Digest other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => MemoryMarshal.Read<int>(Bytes);

    /// <inheritdoc/>
    public int CompareTo(Digest other) => Bytes.SequenceCompareTo(other.Bytes);

    /// <summary>64 lower-case hexadecimal digits.</summary>
    public override string ToString() => Convert.ToHexStringLower(Bytes);

    /// <summary>The same content.</summary>
    public static bool operator ==(Digest left, Digest right) => left.Equals(right);

    /// <summary>Other content.</summary>
    public static bool operator !=(Digest left, Digest right) => !left.Equals(right);

    /// <summary>Order of the bytes.</summary>
    public static bool operator <(Digest left, Digest right) => left.CompareTo(right) < 0;

    /// <summary>Order of the bytes.</summary>
    public static bool operator >(Digest left, Digest right) => left.CompareTo(right) > 0;

    /// <summary>Order of the bytes.</summary>
    public static bool operator <=(Digest left, Digest right) => left.CompareTo(right) <= 0;

    /// <summary>Order of the bytes.</summary>
    public static bool operator >=(Digest left, Digest right) => left.CompareTo(right) >= 0;
}
