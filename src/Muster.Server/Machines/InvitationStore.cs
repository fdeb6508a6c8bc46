using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Muster.Server.Database;

namespace Muster.Server.Machines;

/// <summary>Invitations to join: <c>msj_</c> and 256 random bits, of which only the hash is kept.</summary>
internal static class InvitationStore
{
    public static string NewSecret() => "msj_" + Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32));

    public static string Hash(string secret) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(secret)));

    public static Task AddAsync(WriteSql sql, InvitationRow invitation, CancellationToken cancellationToken) =>
        sql.ExecuteAsync(
            """
            INSERT INTO invitations (organisation, id, hash, name, uses, used, created_by, created, expires)
            VALUES (@Organisation, @Id, @Hash, @Name, @Uses, 0, @CreatedBy, @Created, @Expires)
            """,
            invitation,
            cancellationToken);

    public static Task<InvitationRow?> FindAsync(ReadSql sql, string hash, CancellationToken cancellationToken) =>
        sql.FindAsync<InvitationRow>(
            """
            SELECT organisation AS Organisation, id AS Id, hash AS Hash, name AS Name, uses AS Uses, used AS Used, created_by AS CreatedBy, created AS Created, expires AS Expires
            FROM invitations WHERE hash = @hash
            """,
            new { hash },
            cancellationToken);

    public static Task UseAsync(WriteSql sql, InvitationRow invitation, CancellationToken cancellationToken) =>
        sql.ExecuteAsync("UPDATE invitations SET used = used + 1 WHERE organisation = @Organisation AND id = @Id", invitation, cancellationToken);

    /// <summary>Old ones go some time after their end, so that using one says that it expired rather than that it never was.</summary>
    public static Task<int> ForgetAsync(WriteSql sql, DateTimeOffset before, CancellationToken cancellationToken) =>
        sql.ExecuteAsync("DELETE FROM invitations WHERE expires < @before", new { before }, cancellationToken);
}

internal sealed record InvitationRow
{
    public required OrganisationId Organisation { get; init; }

    public required InvitationId Id { get; init; }

    public required string Hash { get; init; }

    /// <summary>Name the machine gets; null for its host name.</summary>
    public string? Name { get; init; }

    public required long Uses { get; init; }

    public long Used { get; init; }

    public required string CreatedBy { get; init; }

    public required DateTimeOffset Created { get; init; }

    public required DateTimeOffset Expires { get; init; }
}
