using Muster.Server.Database;

namespace Muster.Server.Machines;

/// <summary>Which installation speaks, and in which epoch: stands in every order.</summary>
internal sealed record Installation
{
    public required InstallationId Id { get; init; }

    public required long Epoch { get; init; }

    public static Task<Installation> GetAsync(ReadSql sql, CancellationToken cancellationToken) =>
        sql.GetAsync<Installation>("SELECT installation AS Id, epoch AS Epoch FROM installation", null, cancellationToken);
}
