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
        return await RunAsync(arguments, typed, output, error, cancellationToken);
    }

    /// <summary>Begins a command that may never end by itself; it is ended when it is disposed.</summary>
    public Followed Follow(params string[] arguments) => new((output, error, cancellation) => RunAsync(arguments, typed: null, output, error, cancellation));

    private async Task<Seen> RunAsync(string[] arguments, string? typed, StringWriter output, StringWriter error, CancellationToken cancellationToken)
    {
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

/// <summary>A command that may go on and on, and what it has said so far.</summary>
internal sealed class Followed : IAsyncDisposable
{
    private readonly CancellationTokenSource stop = new();
    private readonly WatchedWriter output = new(), error = new();
    private readonly Task<Seen> running;

    public Followed(Func<StringWriter, StringWriter, CancellationToken, Task<Seen>> run) => running = run(output, error, stop.Token);

    /// <summary>How it ended by itself.</summary>
    public Task<Seen> Ended => running;

    public Task<string> SaysAsync(string text) => output.ContainsAsync(text, running);

    public Task<string> NotesAsync(string text) => error.ContainsAsync(text, running);

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        await running;
        stop.Dispose();
        await output.DisposeAsync();
        await error.DisposeAsync();
    }

    private sealed class WatchedWriter : StringWriter
    {
        private readonly List<(string Text, TaskCompletionSource<string> Seen)> waiting = [];

        public WatchedWriter() => NewLine = "\n";

        public async Task<string> ContainsAsync(string text, Task<Seen> running)
        {
            var seen = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
            lock (waiting)
            {
                waiting.Add((text, seen));
            }

            Look();
            return await Task.WhenAny(seen.Task, running) == seen.Task ? await seen.Task : throw new InvalidOperationException($"it ended before it said '{text}': {await running}");
        }

        public override void Write(char value)
        {
            lock (waiting)
            {
                base.Write(value);
            }

            Look();
        }

        public override void Write(string? value)
        {
            lock (waiting)
            {
                base.Write(value);
            }

            Look();
        }

        public override void WriteLine(string? value) => Write(value + "\n");

        private void Look()
        {
            lock (waiting)
            {
                var said = ToString();
                foreach (var (_, seen) in waiting.Where(one => said.Contains(one.Text, StringComparison.Ordinal)).ToList())
                {
                    seen.TrySetResult(said);
                }
            }
        }
    }
}

internal static class ServerForCommandLine
{
    public static string Address(this MusterServer server) => $"https://localhost:{server.Port}";
}
