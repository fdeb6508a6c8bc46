using System.Text;
using Muster.Core.Objects;
using Muster.Core.Trees;

namespace Muster.Core.Plans;

/// <summary>Computed files: the image names a generator, the machine holds what it gave.</summary>
public static class ComputedFiles
{
    /// <summary>Where an image wants computed files, and of which generator.</summary>
    public static IReadOnlyList<(TreePath Path, string Generator)> In(Tree wanted, Func<Digest, TreeDirectory>? load = null) =>
        [.. TreeWalk.Entries(wanted, load)
            .Where(found => found.Entry.Kind == EntryKind.ComputedFile)
            .Select(found => (found.Path, Encoding.UTF8.GetString(found.Entry.Target)))];

    /// <summary>
    /// A seen tree in which each file whose content is what its generator last gave stands as that computed file.
    /// </summary>
    /// <param name="seen">What is there, as files.</param>
    /// <param name="wanted">From <see cref="In"/>.</param>
    /// <param name="given">Digest of what each generator last gave on this machine; a generator that gave nothing yet is absent.</param>
    public static Tree Recognise(Tree seen, IReadOnlyList<(TreePath Path, string Generator)> wanted, IReadOnlyDictionary<string, Digest> given)
    {
        var edit = new TreeEdit(seen);
        foreach (var (path, generator) in wanted)
        {
            if (given.TryGetValue(generator, out var content) && edit.Find(path) is { Kind: EntryKind.File } file && file.Content == content)
            {
                edit.SetAttributes(path, file with
                {
                    Kind = EntryKind.ComputedFile,
                    Target = Encoding.UTF8.GetBytes(generator),
                    Content = default,
                    Size = 0,
                    Modified = default,
                });
            }
        }

        return edit.ToTree();
    }
}
