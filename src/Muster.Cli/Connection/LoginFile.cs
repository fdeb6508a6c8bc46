using System.Text.Json;
using System.Text.Json.Serialization;
using Muster.Core.Problems;
using Muster.Files;

namespace Muster.Cli.Connection;

/// <summary>The logins of one person on one computer: <c>~/.config/muster/config.json</c>, readable by that person only.</summary>
internal sealed record LoginFile
{
    /// <summary>The server that is meant when none is named.</summary>
    public string? Current { get; init; }

    public IReadOnlyDictionary<string, StoredLogin> Servers { get; init; } = new Dictionary<string, StoredLogin>();

    public static LoginFile Load(string folder)
    {
        var path = Path.Combine(folder, "config.json");
        try
        {
            return File.Exists(path) ? JsonSerializer.Deserialize(File.ReadAllBytes(path), CliJson.Default.LoginFile) ?? new LoginFile() : new LoginFile();
        }
        catch (JsonException e)
        {
            throw new ProblemException(ProblemKind.Invalid, "config.damaged", $"{path} is not the JSON that muster login writes ({e.Message}); mend or delete it and sign in again", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ProblemException(ProblemKind.Denied, "config.unreadable", $"cannot read {path}: {e.Message}", e);
        }
    }

    public void Save(string folder)
    {
        try
        {
            Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ProblemException(ProblemKind.Denied, "config.unwritable", $"cannot make {folder}: {e.Message}", e);
        }

        AtomicFile.Write(Path.Combine(folder, "config.json"), JsonSerializer.SerializeToUtf8Bytes(this, CliJson.Default.LoginFile));
    }

    public LoginFile With(string server, StoredLogin login) =>
        this with { Current = server, Servers = new SortedDictionary<string, StoredLogin>(Servers.ToDictionary(), StringComparer.Ordinal) { [server] = login } };

    public LoginFile Without(string server)
    {
        var rest = new SortedDictionary<string, StoredLogin>(Servers.ToDictionary(), StringComparer.Ordinal);
        rest.Remove(server);
        return this with { Current = Current == server ? null : Current, Servers = rest };
    }
}

/// <summary>What is kept of one login.</summary>
/// <param name="Authority">The pinned certificate of Muster's own authority, PEM.</param>
/// <param name="Token">The API token; a secret.</param>
/// <param name="TokenName">Its name at the server, so that signing out deletes it.</param>
internal sealed record StoredLogin(string Authority, string Token, string TokenName, string User, string Organisation, DateTimeOffset ExpiresAt);

[JsonSourceGenerationOptions(WriteIndented = true, PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(LoginFile))]
internal sealed partial class CliJson : JsonSerializerContext;
