using Muster.Server.Database;

namespace Muster.Server.Identity;

internal static class UserStore
{
    private const string Columns = "organisation AS Organisation, id AS Id, name AS Name, password AS Password, must_change_password AS MustChangePassword, version AS Version";

    /// <summary>By name in whichever organisation has it: signing in is before there is an organisation.</summary>
    public static async Task<User?> FindForLoginAsync(ReadSql sql, string name, CancellationToken cancellationToken)
    {
        var found = await sql.QueryAsync<User>($"SELECT {Columns} FROM users WHERE name = @name", new { name }, cancellationToken);
        return found is [var only] ? only : null;
    }

    public static Task<User?> FindAsync(ReadSql sql, OrganisationId organisation, UserId id, CancellationToken cancellationToken) =>
        sql.FindAsync<User>($"SELECT {Columns} FROM users WHERE organisation = @organisation AND id = @id", new { organisation, id }, cancellationToken);

    public static Task AddAsync(WriteSql sql, User user, DateTimeOffset now, CancellationToken cancellationToken) =>
        sql.ExecuteAsync(
            """
            INSERT INTO users (organisation, id, name, password, must_change_password, version, created)
            VALUES (@Organisation, @Id, @Name, @Password, @MustChangePassword, @Version, @Now)
            """,
            new { user.Organisation, user.Id, user.Name, user.Password, MustChangePassword = user.MustChangePassword ? 1L : 0L, user.Version, Now = now },
            cancellationToken);

    public static Task SetPasswordAsync(WriteSql sql, User user, string password, bool mustChange, CancellationToken cancellationToken) =>
        sql.ExecuteAsync(
            "UPDATE users SET password = @password, must_change_password = @mustChange, version = version + 1 WHERE organisation = @Organisation AND id = @Id",
            new { user.Organisation, user.Id, password, mustChange = mustChange ? 1L : 0L },
            cancellationToken);

    public static Task<IReadOnlyList<string>> ListGrantsAsync(ReadSql sql, OrganisationId organisation, UserId user, CancellationToken cancellationToken) =>
        sql.QueryAsync<string>(
            "SELECT pattern FROM grants WHERE organisation = @organisation AND subject = @subject AND scope = '*' ORDER BY pattern",
            new { organisation, subject = user.ToString() },
            cancellationToken);

    public static Task GrantAsync(WriteSql sql, OrganisationId organisation, UserId user, string pattern, Guid id, DateTimeOffset now, CancellationToken cancellationToken) =>
        sql.ExecuteAsync(
            "INSERT INTO grants (organisation, id, subject, pattern, scope, created) VALUES (@organisation, @id, @subject, @pattern, '*', @now)",
            new { organisation, id, subject = user.ToString(), pattern, now },
            cancellationToken);

    public static Task<Organisation> GetOrganisationAsync(ReadSql sql, OrganisationId organisation, CancellationToken cancellationToken) =>
        sql.GetAsync<Organisation>("SELECT organisation AS Id, name AS Name FROM organisations WHERE organisation = @organisation", new { organisation }, cancellationToken);
}
