using Muster.Core.Objects;
using Muster.Core.Problems;
using Muster.Protocol.Operations;
using Muster.Server.Database;
using Muster.Server.Operations;

namespace Muster.Server.Images;

internal static class ImageStore
{
    private const string Columns =
        """
        i.id AS Id, i.name AS Name, i.image AS Image, i.tree AS Tree, i.managed AS Managed, i.entries AS Entries, i.files AS Files, i.bytes AS Bytes,
        i.created_by AS CreatedBy, i.created AS Created,
        (SELECT count(*) FROM machines m WHERE m.organisation = i.organisation AND m.required_image = i.id) AS Machines,
        (SELECT count(*) FROM damaged_image_objects d JOIN objects o ON o.kind = d.kind AND o.digest = d.digest
            WHERE d.organisation = i.organisation AND d.image = i.id AND o.damaged IS NOT NULL) AS Damaged
        """;

    public static Task<ImageRow?> FindAsync(ReadSql sql, OrganisationId organisation, string name, CancellationToken cancellationToken) =>
        sql.FindAsync<ImageRow>($"SELECT {Columns} FROM images i WHERE i.organisation = @organisation AND i.name = @name AND i.deleted IS NULL", new { organisation, name }, cancellationToken);

    /// <summary>By name or id as a person gives it.</summary>
    public static async Task<ImageRow> GetAsync(ReadSql sql, OrganisationId organisation, string name, CancellationToken cancellationToken) =>
        (ImageId.TryParse(name, out var id)
            ? await sql.FindAsync<ImageRow>($"SELECT {Columns} FROM images i WHERE i.organisation = @organisation AND i.id = @id AND i.deleted IS NULL", new { organisation, id }, cancellationToken)
            : await FindAsync(sql, organisation, name, cancellationToken))
        ?? throw new ProblemException(ProblemKind.NotFound, "image.unknown", $"there is no image '{name}'");

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

    public static Task<IReadOnlyList<ImageRow>> ListAllAsync(ReadSql sql, OrganisationId organisation, CancellationToken cancellationToken) =>
        sql.QueryAsync<ImageRow>($"SELECT {Columns} FROM images i WHERE i.organisation = @organisation AND i.deleted IS NULL ORDER BY i.id", new { organisation }, cancellationToken);

    /// <summary>Remembers that an image has objects that are damaged.</summary>
    public static Task<int> AddDamagedAsync(WriteSql sql, OrganisationId organisation, ImageId image, IEnumerable<ObjectReference> damaged, CancellationToken cancellationToken) =>
        sql.ExecuteAsync(
            "INSERT INTO damaged_image_objects (organisation, image, kind, digest) VALUES (@organisation, @image, @Kind, @Digest) ON CONFLICT (organisation, image, kind, digest) DO NOTHING",
            damaged.Select(one => new { organisation, image, Kind = (long)one.Kind, Digest = one.Digest.Bytes.ToArray() }),
            cancellationToken);

    public static async Task<(IReadOnlyList<ImageRow> Rows, long Total, IReadOnlyList<FacetCount>? Counts)> ListAsync(
        ReadSql sql, OrganisationId organisation, Protocol.Images.ListImages arguments, SortedPage page, CancellationToken cancellationToken)
    {
        const string required = "(CASE WHEN EXISTS (SELECT 1 FROM machines m WHERE m.organisation = i.organisation AND m.required_image = i.id) THEN 'yes' ELSE 'no' END)";
        var parameters = page.Parameters(new { organisation });
        var facets = new ListFacets("FROM images i", "WHERE i.organisation = @organisation AND i.deleted IS NULL AND (@search IS NULL OR strpos(i.folded, lower(@search)) > 0)", parameters)
            .Add("required", required, ListFacets.Split(arguments.Required))
            .Add("createdBy", "i.created_by", ListFacets.Split(arguments.CreatedBy));
        return (
            await sql.QueryAsync<ImageRow>($"SELECT {Columns}, {page.Key} {facets.From} {facets.Where} {page.AfterAndOrder("i.id")}", parameters, cancellationToken),
            await sql.GetAsync<long>($"SELECT count(*) {facets.From} {facets.Where}", parameters, cancellationToken),
            await facets.CountAsync(sql, arguments.Counts, cancellationToken));
    }
}

internal sealed record RequiringMachine
{
    public required MachineId Id { get; init; }

    public required string Name { get; init; }
}
