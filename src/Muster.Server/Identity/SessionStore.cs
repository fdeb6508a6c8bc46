using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Muster.Server.Database;

namespace Muster.Server.Identity;

/// <summary>Browser sessions. The cookie holds 256 random bits, the table only their hash: a copied database opens no session.</summary>
internal static class SessionStore
{
    public static string NewSecret() => Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32));

    public static string Hash(string secret) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(secret)));

    /// <summary>Known to the page of this session and to nobody else's page.</summary>
    public static string Csrf(string secret) => Hash("csrf " + secret);

    public static Task AddAsync(WriteSql sql, User user, string hash, string address, DateTimeOffset now, CancellationToken cancellationToken) =>
        sql.ExecuteAsync(
            "INSERT INTO sessions (organisation, hash, user_id, created, used, address) VALUES (@Organisation, @hash, @Id, @now, @now, @address)",
            new { user.Organisation, hash, user.Id, now, address },
            cancellationToken);

    public static Task<Session?> FindAsync(ReadSql sql, string hash, CancellationToken cancellationToken) =>
        sql.FindAsync<Session>("SELECT organisation AS Organisation, hash AS Hash, user_id AS User, created AS Created, used AS Used FROM sessions WHERE hash = @hash", new { hash }, cancellationToken);

    public static Task MarkUsedAsync(WriteSql sql, Session session, DateTimeOffset now, CancellationToken cancellationToken) =>
        sql.ExecuteAsync("UPDATE sessions SET used = @now WHERE organisation = @Organisation AND hash = @Hash", new { session.Organisation, session.Hash, now }, cancellationToken);

    public static Task<int> EndAsync(WriteSql sql, OrganisationId organisation, string hash, CancellationToken cancellationToken) =>
        sql.ExecuteAsync("DELETE FROM sessions WHERE organisation = @organisation AND hash = @hash", new { organisation, hash }, cancellationToken);

    public static Task<int> EndOthersAsync(WriteSql sql, User user, string? kept, CancellationToken cancellationToken) =>
        sql.ExecuteAsync(
            "DELETE FROM sessions WHERE organisation = @Organisation AND user_id = @Id AND hash <> @kept",
            new { user.Organisation, user.Id, kept = kept ?? string.Empty },
            cancellationToken);

    public static Task<int> ForgetExpiredAsync(WriteSql sql, DateTimeOffset created, DateTimeOffset used, CancellationToken cancellationToken) =>
        sql.ExecuteAsync("DELETE FROM sessions WHERE created < @created OR used < @used", new { created, used }, cancellationToken);
}

internal sealed record Session
{
    public required OrganisationId Organisation { get; init; }

    public required string Hash { get; init; }

    public required UserId User { get; init; }

    public required DateTimeOffset Created { get; init; }

    public required DateTimeOffset Used { get; init; }
}
