using Muster.Server.Database;

namespace Muster.Server.Certificates;

/// <summary>Which certificates we issued to whom, and which of them are revoked.</summary>
internal static class CertificateStore
{
    private const string Columns =
        "organisation AS Organisation, serial AS Serial, kind AS Kind, subject AS Subject, public_key AS PublicKey, issued AS Issued, expires AS Expires, revoked AS Revoked";

    public static Task AddAsync(WriteSql sql, IssuedCertificate certificate, CancellationToken cancellationToken) =>
        sql.ExecuteAsync(
            """
            INSERT INTO certificates (organisation, serial, kind, subject, public_key, issued, expires)
            VALUES (@Organisation, @Serial, @Kind, @Subject, @PublicKey, @Issued, @Expires)
            """,
            certificate,
            cancellationToken);

    public static Task<IssuedCertificate?> FindAsync(ReadSql sql, string serial, CancellationToken cancellationToken) =>
        sql.FindAsync<IssuedCertificate>($"SELECT {Columns} FROM certificates WHERE serial = @serial", new { serial }, cancellationToken);

    /// <summary>The one of a subject that lives longest.</summary>
    public static Task<IssuedCertificate?> FindNewestAsync(ReadSql sql, OrganisationId organisation, string subject, CancellationToken cancellationToken) =>
        sql.FindAsync<IssuedCertificate>(
            $"SELECT {Columns} FROM certificates WHERE organisation = @organisation AND subject = @subject ORDER BY expires DESC, serial LIMIT 1",
            new { organisation, subject },
            cancellationToken);

    /// <summary>Ends all certificates of a subject at once.</summary>
    public static Task<int> RevokeAsync(WriteSql sql, OrganisationId organisation, string subject, DateTimeOffset now, CancellationToken cancellationToken) =>
        sql.ExecuteAsync(
            "UPDATE certificates SET revoked = @now WHERE organisation = @organisation AND subject = @subject AND revoked IS NULL",
            new { organisation, subject, now },
            cancellationToken);
}

internal sealed record IssuedCertificate
{
    public required OrganisationId Organisation { get; init; }

    /// <summary>Upper-case hexadecimal, as X.509 tools show it.</summary>
    public required string Serial { get; init; }

    /// <summary><c>agent</c>.</summary>
    public required string Kind { get; init; }

    /// <summary>Id of the machine or user.</summary>
    public required string Subject { get; init; }

    /// <summary>SHA-256 of the SubjectPublicKeyInfo.</summary>
    public required string PublicKey { get; init; }

    public required DateTimeOffset Issued { get; init; }

    public required DateTimeOffset Expires { get; init; }

    public DateTimeOffset? Revoked { get; init; }
}
