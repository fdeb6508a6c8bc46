using Muster.Core.Problems;
using Muster.Server.Database;
using Muster.Server.Operations;

namespace Muster.Server.Images;

internal static class ImageStore
{
    private const string Columns =
        """
        i.id AS Id, i.name AS Name, i.image AS Image, i.tree AS Tree, i.managed AS Managed, i.entries AS Entries, i.files AS Files, i.bytes AS Bytes,
        i.created_by AS CreatedBy, i.created AS Created,
        (SELECT count(*) FROM machines m WHERE m.organisation = i.organisation AND m.required_image = i.id) AS Machines
        """;

    public static Task<ImageRow?> FindAsync(ReadSql sql, OrganisationId organisation, string name, CancellationToken cancellationToken) =>
        sql.FindAsync<ImageRow>($"SELECT {Columns} FROM images i WHERE i.organisation = @organisation AND i.name = @name AND i.deleted IS NULL", new { organisation, name }, cancellationToken);

    public static async Task<ImageRow> GetAsync(ReadSql sql, OrganisationId organisation, string name, CancellationToken cancellationToken) =>
        await FindAsync(sql, organisation, name, cancellationToken) ?? throw new ProblemException(ProblemKind.NotFound, "image.unknown", $"there is no image '{name}'");

    public static Task<ImageRow?> FindByIdAsync(ReadSql sql, OrganisationId organisation, ImageId id, CancellationToken cancellationToken) =>
        sql.FindAsync<ImageRow>($"SELECT {Columns} FROM images i WHERE i.organisation = @organisation AND i.id = @id", new { organisation, id }, cancellationToken);

    /// <summary>Whether the name was ever used, also by an image that is gone.</summary>
    public static async Task<bool> WasUsedAsync(ReadSql sql, OrganisationId organisation, string name, CancellationToken cancellationToken) =>
        await sql.FindAsync<long?>("SELECT 1 FROM images WHERE organisation = @organisation AND name = @name", new { organisation, name }, cancellationToken) is not null;

    public static Task AddAsync(WriteSql sql, OrganisationId organisation, ImageRow image, CancellationToken cancellationToken) =>
        sql.ExecuteAsync(
            """
            INSERT INTO images (organisation, id, name, folded, image, tree, managed, entries, files, bytes, created_by, created)
            VALUES (@organisation, @Id, @Name, @Folded, @Image, @Tree, @Managed, @Entries, @Files, @Bytes, @CreatedBy, @Created)
            """,
            new
            {
                organisation, image.Id, image.Name, Folded = image.Name.ToLowerInvariant(), image.Image, image.Tree, image.Managed,
                image.Entries, image.Files, image.Bytes, image.CreatedBy, image.Created,
            },
            cancellationToken);

    public static Task DeleteAsync(WriteSql sql, OrganisationId organisation, ImageId id, DateTimeOffset now, CancellationToken cancellationToken) =>
        sql.ExecuteAsync("UPDATE images SET deleted = @now WHERE organisation = @organisation AND id = @id", new { organisation, id, now }, cancellationToken);

    public static Task<IReadOnlyList<RequiringMachine>> ListRequiringAsync(ReadSql sql, OrganisationId organisation, ImageId image, CancellationToken cancellationToken) =>
        sql.QueryAsync<RequiringMachine>(
            "SELECT id AS Id, name AS Name FROM machines WHERE organisation = @organisation AND required_image = @image ORDER BY name",
            new { organisation, image },
            cancellationToken);

    public static async Task<(IReadOnlyList<ImageRow> Rows, long Total)> ListAsync(ReadSql sql, OrganisationId organisation, SortedPage page, CancellationToken cancellationToken)
    {
        const string where = "FROM images i WHERE i.organisation = @organisation AND i.deleted IS NULL AND (@search IS NULL OR strpos(i.folded, lower(@search)) > 0)";
        var parameters = page.Parameters(new { organisation });
        return (
            await sql.QueryAsync<ImageRow>($"SELECT {Columns}, {page.Key} {where} {page.AfterAndOrder("i.id")}", parameters, cancellationToken),
            await sql.GetAsync<long>($"SELECT count(*) {where}", parameters, cancellationToken));
    }
}

internal sealed record RequiringMachine
{
    public required MachineId Id { get; init; }

    public required string Name { get; init; }
}
