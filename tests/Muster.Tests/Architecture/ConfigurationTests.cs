using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Reflection;
using System.Text;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using Microsoft.Extensions.Options;
using Muster.Agent;
using Muster.Server;
using Muster.Testing;

namespace Muster.Tests.Architecture;

/// <summary>The reference of what an operator may set, written from the options themselves.</summary>
public sealed partial class ConfigurationTests
{
    private static readonly Assembly ServerAssembly = typeof(ServerOptions).Assembly;

    [Fact]
    public void Everything_that_can_be_set_is_in_the_reference()
    {
        var text = new StringBuilder("""
            # Configuration

            Written by a test from the programs' options; `./dev golden` rewrites it. Nothing has to be set: the defaults work.

            ## Server: how it is started

            The package's unit takes address, port and name from `/etc/muster/server.env`.

            ```

            """);
        text.Append(CommandLine.Usage.TrimEnd()).Append("""

            ```

            ## Server: settings

            In `server.json` in the data directory, a section for each part (`{ "Identity": { "FreeAttempts": 3 } }`), or in the environment as `MUSTER_Identity__FreeAttempts=3`, which comes first. A server with a wrong value does not start and names every fault. Times are `days.hours:minutes:seconds`.


            """);
        foreach (var options in ServerParts())
        {
            var section = options.Name[..^"Options".Length];
            text.Append(CultureInfo.InvariantCulture, $"### {section}\n\n| setting | default | allowed | what it is |\n|---|---|---|---|\n");
            Append(text, options, "muster-server.xml", name => name);
            text.Append('\n');
        }

        text.Append("""
            ## Agent

            As flags of `muster-agent run`, or in `agent.conf` in its state folder, a line `name = value` for each; a flag comes first.

            | setting | default | allowed | what it is |
            |---|---|---|---|

            """);
        Append(text, typeof(AgentOptions), "muster-agent.xml", name => Dashed().Replace(name, "-$0").ToLowerInvariant().TrimStart('-'));

        Golden.Match(text.ToString(), "../../../docs/reference/configuration.md");
    }

    private static IEnumerable<Type> ServerParts() => ServerAssembly.GetTypes()
        .SelectMany(type => type.GetInterfaces()).Where(face => face.IsGenericType && face.GetGenericTypeDefinition() == typeof(IValidateOptions<>))
        .Select(face => face.GetGenericArguments()[0]).Where(options => options.Assembly == ServerAssembly)
        .Distinct().OrderBy(options => options.Name, StringComparer.Ordinal);

    private static void Append(StringBuilder text, Type options, string documents, Func<string, string> nameOf)
    {
        var about = XDocument.Load(Path.Combine(AppContext.BaseDirectory, documents)).Descendants("member").ToDictionary(member => (string)member.Attribute("name")!, member => member.Element("summary")!);
        var defaults = Activator.CreateInstance(options);
        foreach (var property in options.GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(property => property.CanWrite))
        {
            Assert.True(about.TryGetValue($"P:{options.FullName}.{property.Name}", out var summary), $"{options.Name}.{property.Name} has no doc comment");
            var range = property.GetCustomAttribute<RangeAttribute>();
            var allowed = range is null ? "" : string.Create(CultureInfo.InvariantCulture, $"{range.Minimum} to {range.Maximum}");
            text.Append(CultureInfo.InvariantCulture, $"| `{nameOf(property.Name)}` | {Shown(property.GetValue(defaults))} | {allowed} | {Words(summary!)} |\n");
        }
    }

    private static string Shown(object? value) => value switch
    {
        "" or null => "",
        bool yes => yes ? "true" : "false",
        _ => $"`{Convert.ToString(value, CultureInfo.InvariantCulture)}`",
    };

    // An agent's options begin with the flag's name, which has a column of its own here.
    private static string Words(XElement summary)
    {
        var text = string.Concat(summary.Nodes().Select(node => node is XElement { Name.LocalName: "c" } code ? $"`{code.Value}`" : node is XText words ? words.Value : ""));
        return Flag().Replace(text.Trim(), "").Replace("|", "\\|", StringComparison.Ordinal);
    }

    [GeneratedRegex("[A-Z]")]
    private static partial Regex Dashed();

    [GeneratedRegex("^--[a-z-]+: ")]
    private static partial Regex Flag();
}
