using System.CommandLine;
using Muster.Cli.Connection;
using Muster.Cli.Showing;
using Muster.Core.Problems;

namespace Muster.Cli.Running;

/// <summary>One run of a verb: what was typed, the server it speaks to, and where its answer goes.</summary>
internal sealed class Run(ParseResult parsed, Surroundings around, CommonOptions common) : IDisposable
{
    private MusterClient? client;
    private Output? output;

    public ParseResult Parsed => parsed;

    public Surroundings Around => around;

    public Output Output => output ??= new Output(around, Format, UsesColor);

    public OutputFormat Format => parsed.GetValue(common.Output);

    public bool DryRun => parsed.GetValue(common.DryRun);

    public bool Yes => parsed.GetValue(common.Yes);

    public string? ServerTyped => Typed(common.Server);

    public bool UsesColor => !parsed.GetValue(common.NoColor) && around.Environment("NO_COLOR") is null or "" && around.Environment("TERM") != "dumb";

    /// <summary>The server that is meant, with the rights of the login or token that is meant.</summary>
    public MusterClient Client => client ??= Connect();

    public T? Value<T>(Option<T> option) => parsed.GetValue(option);

    public T? Value<T>(Argument<T> argument) => parsed.GetValue(argument);

    /// <summary>The stored login that is meant.</summary>
    public (Uri Server, StoredLogin Login) FindLogin()
    {
        var file = LoginFile.Load(around.ConfigFolder);
        var server = FindServer(file);
        return file.Servers.TryGetValue(ServerAddress.Show(server), out var login) ? (server, login) : throw NotSignedIn(server);
    }

    public void Dispose() => client?.Dispose();

    private MusterClient Connect()
    {
        var file = LoginFile.Load(around.ConfigFolder);
        var server = FindServer(file);
        var login = file.Servers.GetValueOrDefault(ServerAddress.Show(server));
        var token = ReadTokenFile() ?? Variable("MUSTER_TOKEN") ?? login?.Token ?? throw NotSignedIn(server);
        if (login is not null && token == login.Token && login.ExpiresAt <= around.Time.GetUtcNow())
        {
            throw new ProblemException(ProblemKind.Unauthenticated, "login.expired",
                $"the login of {login.User} at {ServerAddress.Show(server)} has expired: muster login {ServerAddress.Show(server)}");
        }

        return MusterClient.Open(server, FindTrust(server, login), token);
    }

    private Uri FindServer(LoginFile file)
    {
        var typed = Typed(common.Server) ?? Variable("MUSTER_SERVER") ?? file.Current
            ?? throw new ProblemException(ProblemKind.Unauthenticated, "login.none", "no server is known; sign in first: muster login https://SERVER:8443");
        return ServerAddress.Parse(typed, "server");
    }

    private static ProblemException NotSignedIn(Uri server) =>
        new(ProblemKind.Unauthenticated, "login.none", $"you are not signed in to {ServerAddress.Show(server)}: muster login {ServerAddress.Show(server)}");

    private ServerTrust FindTrust(Uri server, StoredLogin? login)
    {
        if ((Typed(common.AuthorityFile) ?? Variable("MUSTER_AUTHORITY_FILE")) is { } file)
        {
            return ServerTrust.FromPem(ReadText(file, "authorityFile"), file);
        }

        return login is not null
            ? ServerTrust.FromPem(login.Authority, "the login file")
            : throw new ProblemException(ProblemKind.Unauthenticated, "authority.unknown",
                $"the authority of {ServerAddress.Show(server)} is not pinned here: muster login {ServerAddress.Show(server)}, or name its certificate with --authority-file");
    }

    private string? ReadTokenFile() => Typed(common.TokenFile) is { } file ? ReadText(file, "tokenFile").Trim() : null;

    private static string ReadText(string file, string argument)
    {
        try
        {
            return File.ReadAllText(file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ProblemException([new Fault(argument, e.Message)]);
        }
    }

    private string? Typed(Option<string?> option) => parsed.GetValue(option) is { Length: > 0 } typed ? typed : null;

    private string? Variable(string name) => around.Environment(name) is { Length: > 0 } value ? value : null;
}
