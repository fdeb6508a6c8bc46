using System.CommandLine;
using Muster.Cli.Running;
using Muster.Protocol.Images;

namespace Muster.Cli.Images;

internal static class CatImageVerb
{
    public static VerbCommand Build(Verbs verbs)
    {
        var image = new Argument<string>("IMAGE") { Description = "Name of the image" };
        var path = new Argument<string>("PATH") { Description = "A file in the image" };
        return verbs.Named("cat", ["Images.File"], "Writes the content of a file in an image to standard output", [image, path], async (run, cancellationToken) =>
        {
            var arguments = new ImageFile(run.Value(image)!, run.Value(path)!);
            Changes.Check(arguments);
            var address = $"{OperationPath.Of("Images.File")}?image={Uri.EscapeDataString(arguments.Image)}&path={Uri.EscapeDataString(arguments.Path)}";
            using var answer = await run.Client.SendAsync(new HttpRequestMessage(HttpMethod.Get, address), cancellationToken);
            await using var output = run.Around.OpenOutput();
            await answer.Content.CopyToAsync(output, cancellationToken);
            return ExitCode.Done;
        });
    }
}
