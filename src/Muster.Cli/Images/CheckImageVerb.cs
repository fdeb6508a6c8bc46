using System.CommandLine;
using System.Text.Json;
using Muster.Cli.Images.Adding;
using Muster.Cli.Running;
using Muster.Cli.Showing;
using Muster.Core.Filters;
using Muster.Core.Problems;
using Muster.Core.Trees;
using Muster.Files;
using Muster.Protocol;
using Muster.Protocol.Images;

namespace Muster.Cli.Images;

internal static class CheckImageVerb
{
    public static VerbCommand Build(Verbs verbs)
    {
        var image = new Argument<string>("IMAGE") { Description = "Name of the image" };
        var from = new Option<string>("--from") { Description = "Directory to compare with it", HelpName = "dir", Required = true };
        return verbs.Named("check", ["Images.Show", "Objects.Get"], "Says whether a directory is exactly like an image (exit code 1 if not), and what is different", [image, from], async (run, cancellationToken) =>
        {
            var folder = run.Value(from)!;
            if (!Directory.Exists(folder))
            {
                throw new ProblemException([new Fault("from", $"there is no directory '{folder}'")]);
            }

            using var answer = await run.Client.ReadAsync("Images.Show", new ShowImage(run.Value(image)!), MusterJson.Default.ShowImage, cancellationToken);
            var details = answer.Deserialize(MusterJson.Default.ImageDetails)!;
            var differences = await CompareAsync(run, folder, details, cancellationToken);
            Tell(run, folder, details, differences);
            return differences.Count == 0 ? ExitCode.Done : ExitCode.NotSo;
        });
    }

    private static async Task<IReadOnlyList<Difference>> CompareAsync(Run run, string folder, ImageDetails details, CancellationToken cancellationToken)
    {
        using var source = await DirectorySource.ScanAsync(folder, TreeFilter.Everything, run.Around, new ScanProgress(), cancellationToken);
        var (wanted, load) = await StoredTree.LoadAsync(run.Client, details.Summary.Tree, source.Tree, cancellationToken);
        var filter = details.Filter is null ? TreeFilter.OnlyListed(StoredTree.Whole(wanted, load)) : TreeFilter.Parse(details.Filter);
        return TreeDiff.Between(wanted, ManagedTree.Of(source.Tree, filter, wanted, load), load);
    }

    private static void Tell(Run run, string folder, ImageDetails details, IReadOnlyList<Difference> differences)
    {
        var shown = new CheckedImage(
            details.Summary.Name,
            differences.Count == 0,
            [.. differences.Select(one => new CheckedPath(one.Path, Kind(one.Kind), Facets(one.Facets)))]);
        using var document = JsonSerializer.SerializeToDocument(shown, AddingJson.Default.CheckedImage);
        run.Output.Write(document.RootElement, () =>
        {
            if (shown.Same)
            {
                run.Output.Plain.Text($"{folder} is exactly like {shown.Name}", Style.Good).Line($": {Texts.Count(details.Summary.Entries)} entries.");
                return;
            }

            var table = new Table("", "PATH", "WHAT");
            foreach (var (one, path) in differences.Zip(shown.Differences))
            {
                var sign = one.Kind switch { DifferenceKind.Extra => new Cell("+", Style.Good), DifferenceKind.Missing => new Cell("-", Style.Bad), _ => new Cell("~", Style.Busy) };
                table.Add(sign, one.Path.ToString(), one.Kind == DifferenceKind.Changed ? string.Join(", ", path.Facets.Select(Texts.Words)) : path.Kind);
            }

            table.Write(run.Output);
            run.Output.Notes.Line($"{folder} differs from {shown.Name} in {Texts.Count(differences.Count)} paths.");
        });
    }

    private static string Kind(DifferenceKind kind) => kind.ToString().ToLowerInvariant();

    private static IReadOnlyList<string> Facets(Facets facets) =>
        [.. Enum.GetValues<Facets>().Where(one => one != 0 && facets.HasFlag(one)).Select(one => JsonNamingPolicy.CamelCase.ConvertName(one.ToString()))];
}

/// <summary>The answer of <c>images check</c>.</summary>
internal sealed record CheckedImage(string Name, bool Same, IReadOnlyList<CheckedPath> Differences);

internal sealed record CheckedPath(TreePath Path, string Kind, IReadOnlyList<string> Facets);
