using System.CommandLine;
using System.Text.Json;
using Muster.Cli.Images.Adding;
using Muster.Cli.Running;
using Muster.Cli.Showing;
using Muster.Core.Problems;
using Muster.Protocol;
using Muster.Protocol.Images;

namespace Muster.Cli.Images;

internal static class AddImageVerb
{
    public static VerbCommand Build(Verbs verbs)
    {
        var name = new Argument<string>("NAME") { Description = "Name of the new image, such as web/2026-11-21; never used before" };
        var from = new Option<string>("--from") { Description = "Directory that holds the tree, or a tar archive of it (plain, gzip, zstd); - for an archive on standard input", HelpName = "dir|tar", Required = true };
        var filter = new Option<string?>("--filter") { Description = "File with lines 'ignore GLOB' and 'manage GLOB': what the image leaves alone on machines [default: nothing]", HelpName = "file" };
        var sparse = new Option<bool>("--sparse") { Description = "The image speaks only for the paths it lists; nothing else on machines is touched" };
        var metadata = new Option<string[]>("--metadata") { Description = "Kept with the image; may be repeated", HelpName = "key=value", AllowMultipleArgumentsPerToken = true };
        return verbs.Change(
            "Images.Add",
            ["Objects.Check", "Objects.Add", "Objects.Part"],
            "Makes an image of a directory or a tar archive; sends only what the server lacks",
            [name, from, filter, sparse, metadata],
            async (run, cancellationToken) =>
            {
                var wanted = new NewImage(
                    run.Value(name)!,
                    run.Value(from)!,
                    run.Value(sparse) ? null : ReadFilter(run.Value(filter)),
                    [.. Pairs.Read(run.Value(metadata), "metadata") ?? []]);
                wanted.Check();
                if (run.Value(sparse) && run.Value(filter) is not null)
                {
                    throw new ProblemException([new Fault("sparse", "a sparse image has no filter: it manages exactly what it lists")]);
                }

                return await new ImageAdding(run).AddAsync(wanted, cancellationToken);
            });
    }

    private static string ReadFilter(string? file)
    {
        try
        {
            return file is null ? "" : File.ReadAllText(file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ProblemException([new Fault("filter", e.Message)]);
        }
    }
}
