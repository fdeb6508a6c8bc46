using System.Globalization;

namespace Muster.Dev;

/// <summary>The few options of a subcommand: <c>--name</c> or <c>--name VALUE</c>, each known by name.</summary>
internal sealed class Options
{
    private readonly Dictionary<string, string> _values = [];

    public Options(string[] arguments, string[] flags, string[] valued)
    {
        for (var i = 0; i < arguments.Length; i++)
        {
            var argument = arguments[i];
            if (flags.Contains(argument))
            {
                _values[argument] = "";
            }
            else if (valued.Contains(argument) && i + 1 < arguments.Length)
            {
                _values[argument] = arguments[++i];
            }
            else
            {
                throw new DevException($"{argument}: known here are {string.Join(", ", flags.Concat(valued.Select(name => name + " VALUE")))}");
            }
        }
    }

    public bool Has(string name) => _values.ContainsKey(name);

    public string? Find(string name) => _values.GetValueOrDefault(name);

    public int? FindNumber(string name) =>
        Find(name) is not { } text ? null
        : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number
        : throw new DevException($"{name} takes a number, not {text}");
}
