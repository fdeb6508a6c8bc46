using Muster.Core.Problems;
using Muster.Protocol.Operations;

namespace Muster.Protocol.Identity;

/// <summary>Signing in with a name and password: <c>POST /api/v1/login</c>.</summary>
public sealed record Login(string Name, Secret Password) : IArguments
{
    /// <inheritdoc/>
    public void Validate(Faults faults)
    {
        faults.Require(Name is { Length: > 0 and <= 253 }, "name", "is the name you sign in with");
        faults.Require(Password is { Length: > 0 and <= 1024 }, "password", "is missing");
    }
}

/// <summary>Who the caller is and what they may do: <c>GET /api/v1/me</c>.</summary>
/// <param name="Kind"><c>user</c>, <c>token</c>, <c>certificate</c> or <c>agent</c>.</param>
/// <param name="Id">The user's, token's or machine's id.</param>
/// <param name="Name">Shown name.</param>
/// <param name="Organisation">The organisation's id.</param>
/// <param name="OrganisationName">The organisation's name.</param>
/// <param name="MustChangePassword">Only <c>Users.ChangePassword</c> is allowed until that is done.</param>
/// <param name="Csrf">Sent back as <c>X-Muster-Csrf</c> with every change from a browser session; null for others.</param>
/// <param name="Grants">Patterns of operations that the caller may use now.</param>
public sealed record Me(
    string Kind,
    string Id,
    string Name,
    OrganisationId Organisation,
    string OrganisationName,
    bool MustChangePassword,
    string? Csrf,
    IReadOnlyList<string> Grants);

/// <summary>Changes the caller's own password. Every other session of the user ends.</summary>
public sealed record ChangePassword(Secret Current, Secret New) : IArguments
{
    /// <summary>Shortest password that is taken.</summary>
    public const int Shortest = 12;

    /// <inheritdoc/>
    public void Validate(Faults faults)
    {
        faults.Require(Current is { Length: > 0 and <= 1024 }, "current", "is missing");
        faults.Require(New is { Length: >= Shortest and <= 1024 }, "new", $"has at least {Shortest} and at most 1024 characters");
        faults.Require(New is null || !New.Equals(Current), "new", "differs from the current password");
    }
}

/// <summary>A password was changed.</summary>
public sealed record PasswordChanged(string User, int SessionsEnded);

/// <summary>Makes an API token of the caller's.</summary>
/// <param name="Name">Its name, unique among the caller's tokens.</param>
/// <param name="Operations">Patterns of operations it may use, at most what its owner may: <c>Images.*</c>, <c>Machines.List</c>.</param>
/// <param name="Days">Days until it expires.</param>
public sealed record AddToken(string Name, IReadOnlyList<string> Operations, int Days = 30) : IArguments
{
    /// <inheritdoc/>
    public void Validate(Faults faults)
    {
        faults.Require(Name is { Length: > 0 and <= 253 }, "name", "has 1 to 253 characters");
        faults.Require(Operations is { Count: > 0 and <= 64 }, "operations", "has 1 to 64 patterns such as Images.*");
        faults.Require(Days is >= 1 and <= 366, "days", "is between 1 and 366");
        foreach (var pattern in Operations ?? [])
        {
            faults.Require(OperationPattern.IsValid(pattern), "operations", $"'{pattern}' is not a pattern such as Images.*, Machines.List or *.*");
        }
    }
}

/// <summary>A new token. The secret is shown this once and kept nowhere.</summary>
public sealed record TokenAdded(TokenId Id, string Name, Secret Token, DateTimeOffset ExpiresAt);

/// <summary>Tokens.List.</summary>
public sealed record ListTokens : ListArguments;

/// <summary>An API token, without its secret.</summary>
public sealed record TokenSummary(TokenId Id, string Name, string Owner, IReadOnlyList<string> Operations, DateTimeOffset CreatedAt, DateTimeOffset ExpiresAt, DateTimeOffset? UsedAt);

/// <summary>Deletes an API token; whatever uses it is refused from then on.</summary>
/// <param name="Token">Its id, or its name among the caller's.</param>
public sealed record DeleteToken(string Token) : IArguments
{
    /// <inheritdoc/>
    public void Validate(Faults faults) => faults.Require(Token is { Length: > 0 and <= 253 }, "token", "is the token's id or name");
}

/// <summary>A token is gone.</summary>
public sealed record TokenDeleted(TokenId Id, string Name);
