using System.Formats.Asn1;
using System.Security.Cryptography.X509Certificates;
using Muster.Core.Problems;

namespace Muster.Server.Certificates;

/// <summary>
/// What a certificate of ours says of its holder, as an X.509 extension in DER (docs/formats/certificate.md):
/// <c>SEQUENCE { version INTEGER, organisation OCTET STRING (16), patterns SEQUENCE OF UTF8String, scope UTF8String }</c>.
/// </summary>
/// <param name="Organisation">Whose it is.</param>
/// <param name="Patterns">Operations it may use, at most what its owner may; none for an agent.</param>
/// <param name="Scope">For an agent its machine's id; <c>*</c> for everything of the organisation.</param>
internal sealed record IdentityExtension(OrganisationId Organisation, IReadOnlyList<string> Patterns, string Scope)
{
    /// <summary>Under the UUID 5d1c2f3e-7a64-4b0e-9c55-0f6f2b8d1e4a.</summary>
    public const string Oid = "2.25.123764546143312017093722887394127846986";

    private const int Version = 1;
    private const int MostPatterns = 64;

    public X509Extension Encode()
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            writer.WriteInteger(Version);
            writer.WriteOctetString(Organisation.Value.ToByteArray(bigEndian: true));
            using (writer.PushSequence())
            {
                foreach (var pattern in Patterns)
                {
                    writer.WriteCharacterString(UniversalTagNumber.UTF8String, pattern);
                }
            }

            writer.WriteCharacterString(UniversalTagNumber.UTF8String, Scope);
        }

        return new X509Extension(Oid, writer.Encode(), critical: false);
    }

    /// <summary>Null when the certificate has none; a version we do not know is refused.</summary>
    public static IdentityExtension? Find(X509Certificate2 certificate) =>
        certificate.Extensions.FirstOrDefault(extension => extension.Oid?.Value == Oid) is { } found ? Decode(found.RawData) : null;

    public static IdentityExtension Decode(ReadOnlyMemory<byte> der)
    {
        try
        {
            var outer = new AsnReader(der, AsnEncodingRules.DER);
            var reader = outer.ReadSequence();
            outer.ThrowIfNotEmpty();
            if (!reader.TryReadInt32(out var version) || version != Version)
            {
                throw new ProblemException(ProblemKind.Unauthenticated, "cert.version", "this certificate speaks of its holder in a version that this server does not know");
            }

            var organisation = reader.ReadOctetString();
            var list = reader.ReadSequence();
            var patterns = new List<string>();
            while (list.HasData && patterns.Count <= MostPatterns)
            {
                patterns.Add(list.ReadCharacterString(UniversalTagNumber.UTF8String));
            }

            var scope = reader.ReadCharacterString(UniversalTagNumber.UTF8String);
            reader.ThrowIfNotEmpty();
            return organisation.Length == 16 && patterns.Count <= MostPatterns
                ? new IdentityExtension(new OrganisationId(new Guid(organisation, bigEndian: true)), patterns, scope)
                : throw Malformed(null);
        }
        catch (AsnContentException e)
        {
            throw Malformed(e);
        }
    }

    private static ProblemException Malformed(Exception? cause) =>
        new(ProblemKind.Unauthenticated, "cert.foreign", "this certificate's identity extension is malformed", cause);
}
