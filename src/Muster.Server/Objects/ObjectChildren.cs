using Muster.Core.Images;
using Muster.Core.Objects;
using Muster.Core.Trees;

namespace Muster.Server.Objects;

/// <summary>What an object names. An empty file needs no object, so nobody has to have it.</summary>
internal static class ObjectChildren
{
    /// <summary>References with the length a file must have; null for what is no file.</summary>
    /// <exception cref="Core.Problems.ProblemException">Invalid: the bytes are not in the format of their kind.</exception>
    public static IReadOnlyList<(ObjectReference Reference, long? Length)> Of(ObjectKind kind, ReadOnlySpan<byte> content) => kind switch
    {
        ObjectKind.Directory => Of(TreeFormat.DecodeDirectory(content)),
        ObjectKind.Tree => [(new ObjectReference(ObjectKind.Directory, TreeFormat.DecodeTree(content).Root.Content), null)],
        ObjectKind.Image => [(new ObjectReference(ObjectKind.Tree, Image.Decode(content).Tree), null)],
        _ => [],
    };

    public static IReadOnlyList<(ObjectReference Reference, long? Length)> Of(TreeDirectory directory)
    {
        var children = new List<(ObjectReference, long?)>();
        foreach (var entry in directory.Entries)
        {
            switch (entry.Kind)
            {
                case EntryKind.Directory:
                    children.Add((new ObjectReference(ObjectKind.Directory, entry.Content), null));
                    break;
                case EntryKind.File when entry.Content != Digest.Empty || entry.Size != 0:
                    children.Add((new ObjectReference(ObjectKind.File, entry.Content), entry.Size));
                    break;
            }
        }

        return children;
    }
}
