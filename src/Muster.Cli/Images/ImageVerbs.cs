using System.CommandLine;
using Muster.Cli.Running;

namespace Muster.Cli.Images;

internal static class ImageVerbs
{
    public static IEnumerable<Command> All(Verbs verbs) =>
    [
        ListImagesVerb.Build(verbs),
        ShowImageVerb.Build(verbs),
        AddImageVerb.Build(verbs),
        BrowseImageVerb.Build(verbs),
        CatImageVerb.Build(verbs),
        CheckImageVerb.Build(verbs),
        DiffImagesVerb.Build(verbs),
        VerifyImageVerb.Build(verbs),
        DeleteImageVerb.Build(verbs),
    ];
}
