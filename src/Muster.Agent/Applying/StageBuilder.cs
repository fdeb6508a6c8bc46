using Microsoft.Win32.SafeHandles;
using Muster.Core.Objects;
using Muster.Core.Plans;
using Muster.Core.Problems;
using Muster.Core.Trees;
using Muster.Files;

namespace Muster.Agent.Applying;

/// <summary>
/// Makes what a plan puts complete in the stage, content first, then owner, mode, attributes, time, and says with which steps it goes
/// in place. A new directory is made with all that is put in it, so that it appears in one step.
/// </summary>
internal sealed class StageBuilder(SafeFileHandle root, Stage stage, IContentSource content, CancellationToken cancellationToken)
{
    private readonly Dictionary<Digest, TreePath> missing = [];
    private int steps;

    // Where in the stage what a path shall be is made: numbers for those that go in place by themselves.
    private readonly Dictionary<TreePath, TreePath> staged = [];

    /// <summary>Bytes of content written so far.</summary>
    public long Bytes { get; private set; }

    /// <summary>Files made so far.</summary>
    public long Files { get; private set; }

    /// <summary>Contents that were not at hand, each with a path that wants it: what is staged must not be put in place then.</summary>
    public IReadOnlyDictionary<Digest, TreePath> Missing => missing;

    /// <summary>Prepares one step of a plan; null where it goes in place with the directory above it.</summary>
    public JournalRecord.Staged? Prepare(RepairStep step)
    {
        cancellationToken.ThrowIfCancellationRequested();
        switch (step)
        {
            case RepairStep.SetAttributes set:
                return new JournalRecord.Staged(steps++, JournalAction.Attributes, set.Path, "", 0, 0, set.Seen, set.Wanted);
            case RepairStep.Remove remove:
                // One that steps before this have emptied is noted as empty, and stays if it is not.
                var before = remove is { Whole: false, Seen.Kind: EntryKind.Directory } ? remove.Seen.WithDirectory(TreeDirectory.Empty) : remove.Seen;
                return new JournalRecord.Staged(steps++, JournalAction.TakeAway, remove.Path, stage.NextName(), 0, 0, before, null);
            case RepairStep.Put put:
                return Prepare(put);
            default:
                throw new ProblemException(ProblemKind.Bug, "apply.step", $"this agent cannot carry out the step {step.GetType().Name} at {step.Path}");
        }
    }

    private JournalRecord.Staged? Prepare(RepairStep.Put put)
    {
        var inNewDirectory = staged.TryGetValue(put.Path.Parent, out var above) && !put.Path.IsRoot;
        var name = inNewDirectory ? "" : stage.NextName();
        var place = inNewDirectory ? above.Join(put.Path.Name) : TreePath.FromText(name);
        using (var directory = inNewDirectory ? Linux.OpenBeneath(stage.Folder, above.Bytes, OpenFlags.PathOnly | OpenFlags.Directory) : null)
        {
            Make(directory ?? stage.Folder, place, put);
        }

        staged[put.Path] = place;
        if (inNewDirectory)
        {
            return null;
        }

        var (device, inode) = stage.Find(name)!.Value;
        return new JournalRecord.Staged(steps++, put.Seen is null ? JournalAction.Place : JournalAction.Exchange, put.Path, name, device, inode, put.Seen, put.Wanted);
    }

    private void Make(SafeFileHandle directory, TreePath place, RepairStep.Put put)
    {
        var name = place.Name;
        var entry = put.Wanted;
        switch (put)
        {
            case RepairStep.Link link:
                Link(link.To, directory, name);
                return;
            case RepairStep.MakeDirectory:
                Linux.MakeDirectory(directory, name, 0x1C0);
                break;
            case RepairStep.PutFile when entry.Kind == EntryKind.File:
                MakeFile(directory, name, put.Path, entry);
                break;
            case RepairStep.PutSymlink:
                Linux.MakeSymlink(directory, name, entry.Target);
                break;
            case RepairStep.PutDevice:
                Linux.MakeNode(directory, name, (entry.Kind == EntryKind.BlockDevice ? 0x6000u : 0x2000u) | 0x180, entry.Major, entry.Minor);
                break;
            case RepairStep.PutFifo:
                Linux.MakeNode(directory, name, 0x1000 | 0x180);
                break;
            default:
                throw new ProblemException(ProblemKind.Invalid, "apply.kind", $"{put.Path}: this agent cannot make a {entry.Kind}");
        }

        Metadata.Set(directory, name, entry);
    }

    // To a name that is put too, or else to one that stays as it is in the tree.
    private void Link(TreePath to, SafeFileHandle directory, ReadOnlySpan<byte> name)
    {
        var (from, path) = staged.TryGetValue(to, out var place) ? (stage.Folder, place) : (root, to);
        using var parent = Linux.OpenBeneath(from, path.Parent.Bytes, OpenFlags.PathOnly | OpenFlags.Directory);
        try
        {
            Linux.Link(parent, path.Name, directory, name);
        }
        catch (ProblemException e) when (e.Kind == ProblemKind.Denied && Flags.Lift(parent, path.Name))
        {
            Linux.Link(parent, path.Name, directory, name);
        }
    }

    private void MakeFile(SafeFileHandle directory, ReadOnlySpan<byte> name, TreePath path, TreeEntry entry)
    {
        using var file = Linux.OpenBeneath(directory, name, OpenFlags.ReadWrite | OpenFlags.Create | OpenFlags.Exclusive, 0x180);
        Files++;
        if (entry.Size == 0)
        {
            return;
        }

        using var writer = new ContentWriter(file);
        if (!content.TryWrite(entry.Content, entry.Size, writer, cancellationToken) || writer.Finish() != entry.Content)
        {
            missing.TryAdd(entry.Content, path);
        }

        Bytes += writer.Length;
    }
}

/// <summary>Contents are not at hand, or what was at hand was damaged and has been dropped: fetch them all and begin again.</summary>
internal sealed class ContentMissingException(IReadOnlyDictionary<Digest, TreePath> missing)
    : Exception($"the content {missing.First().Key} of {missing.First().Value} is not at hand{(missing.Count > 1 ? $", nor are {missing.Count - 1} others" : "")}")
{
    public IReadOnlyCollection<Digest> Missing => [.. missing.Keys];
}
