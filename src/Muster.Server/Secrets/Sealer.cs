using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Muster.Core.Problems;

namespace Muster.Server.Secrets;

/// <summary>
/// Envelope encryption: each secret under a data key of its own (AES-256-GCM), that key under the key-encryption key.
/// What it belongs to (organisation, kind, id) is associated data, so a sealed value moved to another row does not open.
/// Layout: version (1), nonce (12), tag (16), sealed data key (32), nonce (12), tag (16), sealed secret.
/// </summary>
internal sealed class Sealer
{
    private const byte Version = 1;
    private const int Nonce = 12;
    private const int Tag = 16;
    private const int Key = 32;
    private const int Header = 1 + Nonce + Tag + Key + Nonce + Tag;

    private readonly Lazy<byte[]> keyEncryptionKey;
    private readonly Lazy<byte[]> digestKey;

    /// <param name="readKey">Gives the key-encryption key when the first secret is sealed or opened, and not before: a new installation has none yet.</param>
    public Sealer(Func<byte[]> readKey)
    {
        // A failure is not kept: the key may be put back while we run.
        keyEncryptionKey = new(readKey, LazyThreadSafetyMode.PublicationOnly);
        digestKey = new(
            () => HKDF.DeriveKey(HashAlgorithmName.SHA256, keyEncryptionKey.Value, Key, info: "muster keyed digests"u8.ToArray()), LazyThreadSafetyMode.PublicationOnly);
    }

    public byte[] Seal(SecretName name, ReadOnlySpan<byte> secret)
    {
        var associated = name.Associated();
        var dataKey = RandomNumberGenerator.GetBytes(Key);
        var output = new byte[Header + secret.Length];
        output[0] = Version;
        SealOne(keyEncryptionKey.Value, dataKey, output.AsSpan(1, Nonce), output.AsSpan(1 + Nonce, Tag), output.AsSpan(1 + Nonce + Tag, Key), associated);
        var second = output.AsSpan(1 + Nonce + Tag + Key);
        SealOne(dataKey, secret, second[..Nonce], second.Slice(Nonce, Tag), second[(Nonce + Tag)..], associated);
        CryptographicOperations.ZeroMemory(dataKey);
        return output;
    }

    public byte[] Open(SecretName name, ReadOnlySpan<byte> sealedSecret)
    {
        if (sealedSecret.Length < Header || sealedSecret[0] != Version)
        {
            throw Unreadable(name, null);
        }

        var associated = name.Associated();
        var dataKey = new byte[Key];
        var secret = new byte[sealedSecret.Length - Header];
        try
        {
            using var outer = new AesGcm(keyEncryptionKey.Value, Tag);
            outer.Decrypt(sealedSecret.Slice(1, Nonce), sealedSecret.Slice(1 + Nonce + Tag, Key), sealedSecret.Slice(1 + Nonce, Tag), dataKey, associated);
            var second = sealedSecret[(1 + Nonce + Tag + Key)..];
            using var inner = new AesGcm(dataKey, Tag);
            inner.Decrypt(second[..Nonce], second[(Nonce + Tag)..], second.Slice(Nonce, Tag), secret, associated);
            return secret;
        }
        catch (AuthenticationTagMismatchException e)
        {
            throw Unreadable(name, e);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(dataKey);
        }
    }

    /// <summary>A digest that says nothing to whoever lacks the key: for secrets that must be compared but not read.</summary>
    public string Digest(SecretName name, ReadOnlySpan<byte> secret)
    {
        using var hash = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, digestKey.Value);
        hash.AppendData(name.Associated());
        hash.AppendData(secret);
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    private static void SealOne(byte[] key, ReadOnlySpan<byte> plain, Span<byte> nonce, Span<byte> tag, Span<byte> output, byte[] associated)
    {
        RandomNumberGenerator.Fill(nonce);
        using var cipher = new AesGcm(key, Tag);
        cipher.Encrypt(nonce, plain, output, tag, associated);
    }

    private static ProblemException Unreadable(SecretName name, Exception? cause) => new(
        ProblemKind.Unavailable,
        "secrets.unreadable",
        $"the secret {name.Kind} {name.Id} does not open: it belongs to another key-encryption key, or was changed",
        cause);
}

/// <summary>What a secret belongs to.</summary>
internal readonly record struct SecretName(OrganisationId Organisation, string Kind, string Id)
{
    /// <summary>Lengths keep ("ab", "c") apart from ("a", "bc").</summary>
    public byte[] Associated()
    {
        var kind = Encoding.UTF8.GetBytes(Kind);
        var id = Encoding.UTF8.GetBytes(Id);
        var bytes = new byte[16 + 4 + kind.Length + 4 + id.Length];
        Organisation.Value.TryWriteBytes(bytes, bigEndian: true, out _);
        BinaryPrimitives.WriteInt32BigEndian(bytes.AsSpan(16), kind.Length);
        kind.CopyTo(bytes, 20);
        BinaryPrimitives.WriteInt32BigEndian(bytes.AsSpan(20 + kind.Length), id.Length);
        id.CopyTo(bytes, 24 + kind.Length);
        return bytes;
    }
}
