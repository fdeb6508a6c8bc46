using System.Buffers.Text;
using System.Security.Cryptography;
using Muster.Server.Database;
using Muster.Server.Operations;

namespace Muster.Server.Identity;

/// <summary>API tokens: <c>mst_</c> and 256 random bits, of which only the hash is kept.</summary>
internal static class TokenStore
{
    public const string Prefix = "mst_";

    private const string Columns =
        """
        t.organisation AS Organisation, t.id AS Id, t.user_id AS User, u.name AS Owner, t.name AS Name, t.operations AS Operations,
        t.created AS Created, t.expires AS Expires, t.used AS Used
        """;

    private const string From = "FROM tokens t JOIN users u ON u.organisation = t.organisation AND u.id = t.user_id";

    // Lists of tokens are short, so a search reads them all; strpos, because LIKE would take % and _ for wildcards.
    private const string Found = "(@search IS NULL OR strpos(lower(t.name), lower(@search)) > 0)";

    public static string NewSecret() => Prefix + Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32));

    public static Task<ApiToken?> FindByHashAsync(ReadSql sql, string hash, CancellationToken cancellationToken) =>
        sql.FindAsync<ApiToken>($"SELECT {Columns} {From} WHERE t.hash = @hash", new { hash }, cancellationToken);

    public static Task<ApiToken?> FindByNameAsync(ReadSql sql, OrganisationId organisation, UserId user, string name, CancellationToken cancellationToken) =>
        sql.FindAsync<ApiToken>($"SELECT {Columns} {From} WHERE t.organisation = @organisation AND t.user_id = @user AND t.name = @name", new { organisation, user, name }, cancellationToken);

    public static Task<ApiToken?> FindAsync(ReadSql sql, OrganisationId organisation, TokenId id, CancellationToken cancellationToken) =>
        sql.FindAsync<ApiToken>($"SELECT {Columns} {From} WHERE t.organisation = @organisation AND t.id = @id", new { organisation, id }, cancellationToken);

    public static async Task<(IReadOnlyList<ApiToken> Rows, long Total)> ListAsync(ReadSql sql, OrganisationId organisation, SortedPage page, CancellationToken cancellationToken)
    {
        const string where = $"{From} WHERE t.organisation = @organisation AND {Found}";
        var parameters = page.Parameters(new { organisation });
        return (
            await sql.QueryAsync<ApiToken>($"SELECT {Columns}, {page.Key} {where} {page.AfterAndOrder("t.id")}", parameters, cancellationToken),
            await sql.GetAsync<long>($"SELECT count(*) {where}", parameters, cancellationToken));
    }

    public static Task AddAsync(WriteSql sql, ApiToken token, string hash, CancellationToken cancellationToken) =>
        sql.ExecuteAsync(
            """
            INSERT INTO tokens (organisation, id, user_id, name, hash, operations, created, expires)
            VALUES (@Organisation, @Id, @User, @Name, @hash, @Operations, @Created, @Expires)
            """,
            new { token.Organisation, token.Id, token.User, token.Name, hash, token.Operations, token.Created, token.Expires },
            cancellationToken);

    public static Task MarkUsedAsync(WriteSql sql, ApiToken token, DateTimeOffset now, CancellationToken cancellationToken) =>
        sql.ExecuteAsync("UPDATE tokens SET used = @now WHERE organisation = @Organisation AND id = @Id", new { token.Organisation, token.Id, now }, cancellationToken);

    public static Task<int> DeleteAsync(WriteSql sql, ApiToken token, CancellationToken cancellationToken) =>
        sql.ExecuteAsync("DELETE FROM tokens WHERE organisation = @Organisation AND id = @Id", new { token.Organisation, token.Id }, cancellationToken);
}

internal sealed record ApiToken
{
    public required OrganisationId Organisation { get; init; }

    public required TokenId Id { get; init; }

    public required UserId User { get; init; }

    public required string Owner { get; init; }

    public required string Name { get; init; }

    /// <summary>Patterns, separated by spaces.</summary>
    public required string Operations { get; init; }

    public required DateTimeOffset Created { get; init; }

    public required DateTimeOffset Expires { get; init; }

    public DateTimeOffset? Used { get; init; }

    /// <summary>What a list is sorted by.</summary>
    public object? SortKey { get; init; }

    public IReadOnlyList<string> Patterns => Operations.Split(' ');
}
