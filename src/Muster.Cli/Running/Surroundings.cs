using System.Text;

namespace Muster.Cli.Running;

/// <summary>What the program finds around it: the person's terminal, folders and clock. Verbs use nothing else of the process, so that tests can run them inside theirs.</summary>
internal sealed record Surroundings
{
    public required TextReader In { get; init; }

    public required TextWriter Out { get; init; }

    public required TextWriter Error { get; init; }

    /// <summary>Opened only by verbs that move bytes.</summary>
    public required Func<Stream> OpenInput { get; init; }

    public required Func<Stream> OpenOutput { get; init; }

    /// <summary>False when input is a pipe or a file: nobody can be asked.</summary>
    public bool InIsTerminal { get; init; }

    public bool OutIsTerminal { get; init; }

    public bool ErrorIsTerminal { get; init; }

    /// <summary>Columns of the terminal.</summary>
    public int Width { get; init; } = 100;

    /// <summary>Reads a line that is not shown while it is typed.</summary>
    public required Func<string?> ReadSecret { get; init; }

    public required Func<string, string?> Environment { get; init; }

    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>Where logins are kept.</summary>
    public string ConfigFolder => Path.Combine(Environment("XDG_CONFIG_HOME") is { Length: > 0 } folder ? folder : Path.Combine(Home, ".config"), "muster");

    /// <summary>Where digests of scanned trees are remembered; may be deleted at any time.</summary>
    public string CacheFolder => Path.Combine(Environment("XDG_CACHE_HOME") is { Length: > 0 } folder ? folder : Path.Combine(Home, ".cache"), "muster");

    private string Home => Environment("HOME") is { Length: > 0 } home ? home : "/";

    public static Surroundings OfThisProcess() => new()
    {
        In = Console.In,
        Out = Console.Out,
        Error = Console.Error,
        OpenInput = Console.OpenStandardInput,
        OpenOutput = Console.OpenStandardOutput,
        InIsTerminal = !Console.IsInputRedirected,
        OutIsTerminal = !Console.IsOutputRedirected,
        ErrorIsTerminal = !Console.IsErrorRedirected,
        Width = Console.IsOutputRedirected ? 100 : Math.Max(40, Console.WindowWidth),
        ReadSecret = ReadUnseen,
        Environment = System.Environment.GetEnvironmentVariable,
    };

    private static string? ReadUnseen()
    {
        if (Console.IsInputRedirected)
        {
            return Console.In.ReadLine();
        }

        var typed = new StringBuilder();
        while (true)
        {
            var key = Console.ReadKey(intercept: true);
            switch (key.Key)
            {
                case ConsoleKey.Enter:
                    Console.Error.WriteLine();
                    return typed.ToString();
                case ConsoleKey.Backspace when typed.Length > 0:
                    typed.Length--;
                    break;
                default:
                    if (!char.IsControl(key.KeyChar))
                    {
                        typed.Append(key.KeyChar);
                    }

                    break;
            }
        }
    }
}
