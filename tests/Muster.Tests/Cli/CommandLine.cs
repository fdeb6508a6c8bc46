using Muster.Cli;
using Muster.Cli.Running;
using Muster.Testing;

namespace Muster.Tests.Cli;

/// <summary>What a person sees of one command.</summary>
public sealed record Seen(int ExitCode, string Output, string Error);

/// <summary>A person at a shell with a home folder of their own: runs the real command line in this process.</summary>
internal sealed class CommandLine : IDisposable
{
    private readonly TemporaryFolder home = new();
    private readonly Dictionary<string, string> environment = [];

    public CommandLine() => environment["HOME"] = home.Path;

    public string Home => home.Path;

    public TimeProvider Time { get; init; } = TimeProvider.System;

    public void Set(string variable, string value) => environment[variable] = value;

    public string Write(string name, string content)
    {
        var path = home.Under(name);
        File.WriteAllText(path, content);
        return path;
    }

    public Task<Seen> RunAsync(params string[] arguments) => RunAsync(arguments, typed: null);

    /// <param name="typed">What the person types at a terminal; null for no terminal at all.</param>
    public async Task<Seen> RunAsync(string[] arguments, string? typed, CancellationToken cancellationToken = default)
    {
        using var output = new StringWriter { NewLine = "\n" };
        using var error = new StringWriter { NewLine = "\n" };
        using var input = new StringReader(typed ?? "");
        using var bytes = new MemoryStream();
        var around = new Surroundings
        {
            In = input,
            Out = output,
            Error = error,
            OpenInput = () => new MemoryStream(System.Text.Encoding.UTF8.GetBytes(typed ?? "")),
            OpenOutput = () => bytes,
            InIsTerminal = typed is not null,
            ReadSecret = input.ReadLine,
            Environment = environment.GetValueOrDefault,
            Time = Time,
        };
        var code = await MusterCommand.RunAsync(arguments, around, cancellationToken);
        return new Seen(code, output.ToString() + System.Text.Encoding.UTF8.GetString(bytes.ToArray()), error.ToString());
    }

    /// <summary>Signs in as the administrator of a new server, whose one-time password is changed on the way.</summary>
    public Task<Seen> LoginAsync(MusterServer server) => RunAsync(
        "login", server.Address(), "--trust-first", "--user", "admin",
        "--password-file", Write("password", server.OneTimePassword!), "--new-password-file", Write("new-password", MusterServer.AdminPassword));

    public void Dispose() => home.Dispose();
}

internal static class ServerForCommandLine
{
    public static string Address(this MusterServer server) => $"https://localhost:{server.Port}";
}
