using System.CommandLine;
using System.Text;
using System.Text.Json.Serialization.Metadata;
using Microsoft.Extensions.DependencyInjection;
using Muster.Cli;
using Muster.Cli.Running;
using Muster.Protocol;
using Muster.Server.Operations;
using Muster.Testing;
using Command = System.CommandLine.Command;

namespace Muster.Tests.Cli;

/// <summary>What scripts and people rely on, kept as golden files: every help text, every shape of JSON, a verb for every operation.</summary>
public sealed class ReferenceTests
{
    private static readonly Dictionary<string, string> WithoutVerbOfItsName = new()
    {
        ["Images.File"] = "is images cat: the bytes of a file on standard output",
        ["Metrics.Show"] = "is read by a monitoring system in that system's own format",
        ["Objects.Add"] = "is part of images add",
        ["Objects.Check"] = "is part of images add",
        ["Objects.Get"] = "is read where a command needs an object",
        ["Objects.Part"] = "is part of images add",
    };

    [Fact]
    public async Task Every_help_text_is_as_released()
    {
        using var muster = new CommandLine();
        var text = new StringBuilder();
        foreach (var words in Paths(Root(), []))
        {
            var seen = await muster.RunAsync([.. words, "--help"]);
            Assert.Equal(0, seen.ExitCode);
            text.Append($"==== muster {string.Join(' ', words)}\n\n{seen.Output.Trim()}\n\n");
        }

        Golden.Match(text.ToString(), "help.golden.txt");
    }

    [Fact]
    public async Task Every_operation_of_the_server_has_its_verb()
    {
        await using var server = await MusterServer.StartAsync();
        var root = Root();
        foreach (var operation in server.Services.GetRequiredService<OperationRegistry>().All)
        {
            var noun = root.Subcommands.SingleOrDefault(sub => sub.Name == OperationPath.Noun(operation.Name));
            var verb = noun?.Subcommands.SingleOrDefault(sub => sub.Name == OperationPath.Verb(operation.Name)) as VerbCommand;
            if (WithoutVerbOfItsName.ContainsKey(operation.Name))
            {
                Assert.Null(verb);
                continue;
            }

            Assert.True(verb is { Operations: [var first, ..] } && first == operation.Name, $"muster {OperationPath.Noun(operation.Name)} {OperationPath.Verb(operation.Name)} is not {operation.Name}");
            var isChange = verb.Options.Any(option => option.Name == "--dry-run") && verb.Options.Any(option => option.Name == "--yes");
            Assert.True(isChange == operation is ChangeOperation, $"{operation.Name} is {(isChange ? "no change" : "a change")}");
        }
    }

    [Fact]
    public void Every_shape_of_JSON_is_as_released()
    {
        (string Verbs, JsonTypeInfo Type)[] answers =
        [
            ("changes with --dry-run, plans show", MusterJson.Default.Plan),
            ("conditions list", MusterJson.Default.ListingObjectCondition),
            ("events stream, for each line", MusterJson.Default.Event),
            ("images add, images delete", MusterJson.Default.ImageSummary),
            ("images browse", MusterJson.Default.ListingImageEntry),
            ("images diff, machines differences", MusterJson.Default.ListingImageDifference),
            ("images list", MusterJson.Default.ListingImageSummary),
            ("images show", MusterJson.Default.ImageDetails),
            ("machines drift; with --follow one item for each line", MusterJson.Default.ListingDriftDetails),
            ("machines invite", MusterJson.Default.Invitation),
            ("machines edit, machines delete, machines require-image", MusterJson.Default.MachineSummary),
            ("machines list", MusterJson.Default.ListingMachineSummary),
            ("machines show, machines conditions, changes of machines with --wait", MusterJson.Default.MachineDetails),
            ("operations list", MusterJson.Default.ListingOperationDescription),
            ("tokens add", MusterJson.Default.TokenAdded),
            ("tokens delete", MusterJson.Default.TokenDeleted),
            ("tokens list", MusterJson.Default.ListingTokenSummary),
            ("users change-password", MusterJson.Default.PasswordChanged),
        ];
        var text = new StringBuilder();
        foreach (var (verbs, type) in answers)
        {
            text.Append($"==== {verbs}\n\n");
            Shape(text, type.Type, 0);
            text.Append('\n');
        }

        Golden.Match(text.ToString(), "json.golden.txt");
    }

    private static void Shape(StringBuilder text, Type type, int depth)
    {
        foreach (var property in MusterJson.Default.GetTypeInfo(type)!.Properties.Where(property => property.Get is not null && (property.Name != "next" || depth > 0)))
        {
            var optional = property.IsGetNullable ? "?" : "";
            var (shown, inner) = Describe(property.PropertyType);
            text.Append(' ', depth * 2).Append($"{property.Name}{optional}: {shown}\n");
            if (inner is not null)
            {
                Shape(text, inner, depth + 1);
            }
        }
    }

    private static (string Shown, Type? Inner) Describe(Type type)
    {
        var plain = Nullable.GetUnderlyingType(type) ?? type;
        var info = MusterJson.Default.GetTypeInfo(plain);
        if (info?.Kind == JsonTypeInfoKind.Enumerable)
        {
            var (item, inner) = Describe(info.ElementType!);
            return ($"list of {item}", inner);
        }

        return info?.Kind switch
        {
            JsonTypeInfoKind.Object => ("object", plain),
            JsonTypeInfoKind.Dictionary => ("object of texts", null),
            _ when plain.IsEnum => ($"one of {string.Join(", ", Enum.GetNames(plain).Select(name => char.ToLowerInvariant(name[0]) + name[1..]))}", null),
            _ when plain == typeof(bool) => ("true or false", null),
            _ when plain == typeof(DateTimeOffset) => ("time", null),
            _ when plain == typeof(int) || plain == typeof(long) || plain == typeof(uint) => ("number", null),
            _ when plain == typeof(System.Text.Json.JsonElement) => ("anything", null),
            _ => ("text", null),
        };
    }

    private static RootCommand Root() => MusterCommand.Build(new Surroundings
    {
        In = TextReader.Null,
        Out = TextWriter.Null,
        Error = TextWriter.Null,
        OpenInput = () => Stream.Null,
        OpenOutput = () => Stream.Null,
        ReadSecret = () => null,
        Environment = _ => null,
    });

    private static IEnumerable<string[]> Paths(Command command, string[] words) =>
        command.Subcommands.SelectMany(sub => Paths(sub, [.. words, sub.Name])).Prepend(words);

    private static IEnumerable<Command> Commands(Command command) => command.Subcommands.SelectMany(Commands).Prepend(command);
}
