using System.CommandLine;
using Muster.Cli.Running;
using Muster.Protocol;
using Muster.Protocol.Images;

namespace Muster.Cli.Images;

internal static class DeleteImageVerb
{
    public static VerbCommand Build(Verbs verbs)
    {
        var image = new Argument<string>("IMAGE") { Description = "Name of the image" };
        return verbs.Change("Images.Delete", "Deletes an image; its name is gone for ever", [image], (run, cancellationToken) =>
            run.ChangeAndShowAsync(
                "Images.Delete",
                new DeleteImage(run.Value(image)!),
                MusterJson.Default.DeleteImage,
                _ => run.Output.Plain.Line($"Image {run.Value(image)} is deleted."),
                cancellationToken));
    }
}
