using System.CommandLine;
using Muster.Cli.Running;
using Muster.Cli.Tasks;
using Muster.Protocol;
using Muster.Protocol.Images;

namespace Muster.Cli.Images;

internal static class VerifyImageVerb
{
    public static VerbCommand Build(Verbs verbs)
    {
        var image = new Argument<string>("IMAGE") { Description = "Name of the image" };
        var wait = new WaitOptions("every object is read");
        return verbs.Change("Images.Verify", ["Tasks.Show"], "Reads every object of an image on the server and compares it with its digest, as a task", [image, .. wait.All], (run, cancellationToken) =>
            run.BeginTaskAsync("Images.Verify", new VerifyImage(run.Value(image)!), MusterJson.Default.VerifyImage, wait, cancellationToken));
    }
}
