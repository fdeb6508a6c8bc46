using System.Globalization;
using Microsoft.Win32.SafeHandles;
using Muster.Core.Problems;
using Muster.Files;

namespace Muster.Agent;

/// <summary>What a person may set, as flags or in <c>STATE/agent.conf</c> (a line <c>name = value</c> for each flag, without the dashes).</summary>
internal sealed record AgentOptions
{
    /// <summary>--root: the tree to keep.</summary>
    public string Root { get; init; } = "/";

    /// <summary>--state: the agent's own folder. Where /var/lib is another file system than the root it is one beside the tree.</summary>
    public string State { get; init; } = UsualState();

    /// <summary>--rescan-seconds: how often everything is looked at by its attributes.</summary>
    public int RescanSeconds { get; init; } = 3600;

    /// <summary>--verify-hours: in what time the content of everything is read again.</summary>
    public double VerifyHours { get; init; } = 24;

    /// <summary>--cache-limit: most MiB of the local object cache.</summary>
    public long CacheLimit { get; init; } = 4096;

    /// <summary>--verbose: say more.</summary>
    public bool Verbose { get; init; }

    /// <summary>Reads flags over the file over the defaults.</summary>
    /// <exception cref="ProblemException">All mistakes together.</exception>
    public static AgentOptions Read(IReadOnlyList<string> arguments)
    {
        var faults = new Faults();
        var flags = Flags(arguments, faults);
        var options = flags.Aggregate(new AgentOptions(), (known, flag) => Take(known, flag.Name, flag.Value, faults));
        var file = Path.Combine(options.State, "agent.conf");
        if (File.Exists(file))
        {
            options = FileLines(file, faults).Aggregate(new AgentOptions(), (known, line) => Take(known, line.Name, line.Value, faults));
            options = flags.Aggregate(options, (known, flag) => Take(known, flag.Name, flag.Value, faults));
        }

        faults.ThrowIfAny();
        return options;
    }

    /// <summary>Where the state is when nobody says otherwise, on the file system of a root if that is possible: a journal must be found before anything is mounted.</summary>
    public static string UsualState(SafeFileHandle root)
    {
        const string usual = "/var/lib/muster-agent";
        var errno = Linux.TryOpenBeneath(root, "var/lib"u8, OpenFlags.PathOnly | OpenFlags.Directory, 0, out var folder);
        folder?.Dispose();

        // A machine that joined when this was not looked at stays where it is.
        return errno == Errno.EXDEV && !Directory.Exists($"{usual}/identity") ? "/.muster-agent" : usual;
    }

    private static string UsualState()
    {
        using var root = Linux.OpenRoot("/");
        return UsualState(root);
    }

    private static List<(string Name, string Value)> Flags(IReadOnlyList<string> arguments, Faults faults)
    {
        var flags = new List<(string, string)>();
        for (var index = 0; index < arguments.Count; index++)
        {
            var name = arguments[index];
            if (name == "--verbose")
            {
                flags.Add(("verbose", "true"));
            }
            else if (name.StartsWith("--", StringComparison.Ordinal) && index + 1 < arguments.Count)
            {
                flags.Add((name[2..], arguments[++index]));
            }
            else
            {
                faults.Add(name, "not a flag, or its value is missing");
            }
        }

        return flags;
    }

    private static IEnumerable<(string Name, string Value)> FileLines(string file, Faults faults)
    {
        foreach (var line in File.ReadLines(file))
        {
            if (line.Trim() is not { Length: > 0 } text || text[0] == '#')
            {
                continue;
            }

            if (text.Split('=', 2, StringSplitOptions.TrimEntries) is [var name, var value])
            {
                yield return (name, value);
            }
            else
            {
                faults.Add(file, $"'{text}' is not a line of the form name = value");
            }
        }
    }

    private static AgentOptions Take(AgentOptions known, string name, string value, Faults faults)
    {
        switch (name)
        {
            case "root":
                return known with { Root = value };
            case "state":
                return known with { State = value };
            case "verbose":
                return known with { Verbose = value == "true" };
            case "rescan-seconds" when int.TryParse(value, CultureInfo.InvariantCulture, out var seconds) && seconds is >= 1 and <= 86_400 * 7:
                return known with { RescanSeconds = seconds };
            case "verify-hours" when double.TryParse(value, CultureInfo.InvariantCulture, out var hours) && hours is > 0 and <= 24 * 365:
                return known with { VerifyHours = hours };
            case "cache-limit" when long.TryParse(value, CultureInfo.InvariantCulture, out var limit) && limit is >= 0 and <= 1 << 30:
                return known with { CacheLimit = limit };
            default:
                faults.Add($"--{name}", name is "rescan-seconds" or "verify-hours" or "cache-limit" ? $"'{value}' is not a number that makes sense here" : "no such flag");
                return known;
        }
    }
}
