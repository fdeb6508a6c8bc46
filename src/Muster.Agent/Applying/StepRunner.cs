using System.Text;
using Microsoft.Win32.SafeHandles;
using Muster.Core.Plans;
using Muster.Core.Problems;
using Muster.Core.Trees;
using Muster.Files;

namespace Muster.Agent.Applying;

/// <summary>
/// Does and undoes single steps. What somebody else moved meanwhile is skipped, because the scan that follows will find it; what the
/// kernel refuses is a problem.
/// </summary>
internal sealed class StepRunner(SafeFileHandle root, Stage stage) : IDisposable
{
    // Steps come in the order of a walk, so neighbours mostly share their directory.
    private SafeFileHandle? parent;
    private TreePath parentPath;

    /// <summary>Paths whose immutable or append-only flag was in the way and was lifted.</summary>
    public List<TreePath> Lifted { get; } = [];

    /// <summary>Paths that somebody else moved meanwhile.</summary>
    public List<TreePath> Skipped { get; } = [];

    public void Dispose() => parent?.Dispose();

    public void Do(JournalRecord.Staged step)
    {
        switch (step.Action)
        {
            case JournalAction.Exchange when IsStaged(step):
                Run(step, static (stage, staged, directory, name) => Linux.Exchange(stage, staged, directory, name));
                break;
            case JournalAction.Place when stage.Find(step.StageName) is not null:
                Run(step, static (stage, staged, directory, name) => Linux.RenameToNew(stage, staged, directory, name));
                break;
            case JournalAction.TakeAway when stage.Find(step.StageName) is null && !IsFilledAgain(step):
                Run(step, static (stage, staged, directory, name) => Linux.RenameToNew(directory, name, stage, staged));
                break;
            case JournalAction.Attributes:
                SetAttributes(step.Path, step.After!);
                break;
        }
    }

    public void Undo(JournalRecord.Staged step)
    {
        switch (step.Action)
        {
            case JournalAction.Exchange when !IsStaged(step):
                Run(step, static (stage, staged, directory, name) => Linux.Exchange(stage, staged, directory, name));
                break;
            case JournalAction.Place when stage.Find(step.StageName) is null:
                Run(step, static (stage, staged, directory, name) => Linux.RenameToNew(directory, name, stage, staged));
                break;
            case JournalAction.TakeAway when stage.Find(step.StageName) is not null:
                Run(step, static (stage, staged, directory, name) => Linux.RenameToNew(stage, staged, directory, name));
                break;
            case JournalAction.Attributes:
                SetAttributes(step.Path, step.Before!);
                break;
        }
    }

    private delegate void Move(SafeFileHandle stage, ReadOnlySpan<byte> staged, SafeFileHandle directory, ReadOnlySpan<byte> name);

    // Whether a step happened is asked of the stage, which nobody but us touches, never of the tree, which anyone may have changed since.
    private bool IsStaged(JournalRecord.Staged step) => stage.Find(step.StageName) is { } found && found.Inode == step.Inode;

    private void Run(JournalRecord.Staged step, Move move)
    {
        var staged = Encoding.ASCII.GetBytes(step.StageName);
        try
        {
            var directory = ParentOf(step.Path);
            try
            {
                move(stage.Folder, staged, directory, step.Path.Name);
            }
            catch (ProblemException e) when (Errno.Of(e) == Errno.EPERM && LiftAround(directory, step.Path))
            {
                move(stage.Folder, staged, directory, step.Path.Name);
            }
        }
        catch (ProblemException e) when (IsMoved(e))
        {
            Skipped.Add(step.Path);
        }
    }

    // A directory that was noted as empty and is not.
    private bool IsFilledAgain(JournalRecord.Staged step)
    {
        if (step.Before is not { Kind: EntryKind.Directory } before || before.Content != TreeDirectory.Empty.Digest
            || Linux.TryOpenBeneath(root, step.Path.Bytes, OpenFlags.Read | OpenFlags.Directory, 0, out var directory) != 0)
        {
            return false;
        }

        using (directory)
        {
            return Linux.ListNames(directory!, int.MaxValue).Count > 0;
        }
    }

    private void SetAttributes(TreePath path, TreeEntry entry)
    {
        try
        {
            var directory = path.IsRoot ? root : ParentOf(path);
            if (!path.IsRoot && Linux.FindStat(directory, path.Name) is var stat && stat?.Kind != entry.Kind)
            {
                Skipped.Add(path);
                return;
            }

            try
            {
                Metadata.Set(directory, path.Name, entry);
            }
            catch (ProblemException e) when (Errno.Of(e) == Errno.EPERM && LiftAround(directory, path))
            {
                Metadata.Set(directory, path.Name, entry);
            }
        }
        catch (ProblemException e) when (IsMoved(e))
        {
            Skipped.Add(path);
        }
    }

    // A flag on the entry itself, or on the directory that holds it.
    private bool LiftAround(SafeFileHandle directory, TreePath path)
    {
        var any = false;
        if (Flags.Lift(directory, path.Name))
        {
            Lifted.Add(path);
            any = true;
        }

        if (!path.IsRoot && Flags.Lift(directory, []))
        {
            Lifted.Add(path.Parent);
            any = true;
        }

        return any;
    }

    private SafeFileHandle ParentOf(TreePath path)
    {
        var wanted = path.Parent;
        if (parent is null || wanted != parentPath)
        {
            parent?.Dispose();
            parent = null;
            parent = Linux.OpenBeneath(root, wanted.Bytes, OpenFlags.PathOnly | OpenFlags.Directory);
            parentPath = wanted;
        }

        return parent;
    }

    // EBUSY and EXDEV: something is mounted there, which is not ours.
    private static bool IsMoved(ProblemException e) => Errno.Of(e) is Errno.ENOENT or Errno.EEXIST or Errno.ENOTDIR or Errno.ELOOP or Errno.EBUSY or Errno.EXDEV;
}
