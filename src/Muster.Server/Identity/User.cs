namespace Muster.Server.Identity;

internal sealed record User
{
    public required OrganisationId Organisation { get; init; }

    public required UserId Id { get; init; }

    public required string Name { get; init; }

    public required string Password { get; init; }

    public required bool MustChangePassword { get; init; }

    public required long Version { get; init; }
}

internal sealed record Organisation
{
    public required OrganisationId Id { get; init; }

    public required string Name { get; init; }
}
