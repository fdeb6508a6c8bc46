using Muster.Core.Problems;

namespace Muster.Cli.Running;

/// <summary>Reads <c>key=value</c>.</summary>
internal static class Pairs
{
    /// <summary>Null where none was typed.</summary>
    public static Dictionary<string, string>? Read(string[]? typed, string argument)
    {
        if (typed is null or { Length: 0 })
        {
            return null;
        }

        var pairs = new Dictionary<string, string>(StringComparer.Ordinal);
        var faults = new Faults();
        foreach (var pair in typed)
        {
            var equals = pair.IndexOf('=', StringComparison.Ordinal);
            if (equals <= 0)
            {
                faults.Add(argument, $"'{pair}' is not key=value");
            }
            else if (!pairs.TryAdd(pair[..equals], pair[(equals + 1)..]))
            {
                faults.Add(argument, $"'{pair[..equals]}' is given twice");
            }
        }

        faults.ThrowIfAny();
        return pairs;
    }
}
