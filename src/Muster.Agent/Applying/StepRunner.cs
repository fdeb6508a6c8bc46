using Microsoft.Win32.SafeHandles;
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

    public void Do(ApplyStep step)
    {
        switch (step.Kind)
        {
            case StepKind.Exchange when stage.InodeOf(step.Number) == step.Inode:
                Run(step, static (stage, number, directory, name) => Linux.Exchange(stage, number, directory, name));
                break;
            case StepKind.Place when stage.InodeOf(step.Number) is not null:
                Run(step, static (stage, number, directory, name) => Linux.RenameToNew(stage, number, directory, name));
                break;
            case StepKind.RemoveEmpty when !IsEmpty(step.Path):
                break;
            case StepKind.Remove or StepKind.RemoveEmpty when stage.InodeOf(step.Number) is null:
                Run(step, static (stage, number, directory, name) => Linux.RenameToNew(directory, name, stage, number));
                break;
            case StepKind.Attributes:
                SetAttributes(step.Path, step.Wanted!);
                break;
        }
    }

    public void Undo(ApplyStep step)
    {
        switch (step.Kind)
        {
            case StepKind.Exchange when stage.InodeOf(step.Number) != step.Inode:
                Run(step, static (stage, number, directory, name) => Linux.Exchange(stage, number, directory, name));
                break;
            case StepKind.Place when stage.InodeOf(step.Number) is null:
                Run(step, static (stage, number, directory, name) => Linux.RenameToNew(directory, name, stage, number));
                break;
            case StepKind.Remove or StepKind.RemoveEmpty when stage.InodeOf(step.Number) is not null:
                Run(step, static (stage, number, directory, name) => Linux.RenameToNew(stage, number, directory, name));
                break;
            case StepKind.Attributes:
                SetAttributes(step.Path, step.Seen!);
                break;
        }
    }

    private delegate void Move(SafeFileHandle stage, ReadOnlySpan<byte> number, SafeFileHandle directory, ReadOnlySpan<byte> name);

    private void Run(ApplyStep step, Move move)
    {
        Span<byte> number = stackalloc byte[20];
        try
        {
            var directory = ParentOf(step.Path);
            try
            {
                move(stage.Folder, Stage.NameOf(step.Number, number), directory, step.Path.Name);
            }
            catch (ProblemException e) when (Errno.Of(e) == Errno.EPERM && LiftAround(directory, step.Path))
            {
                move(stage.Folder, Stage.NameOf(step.Number, number), directory, step.Path.Name);
            }
        }
        catch (ProblemException e) when (IsMoved(e))
        {
            Skipped.Add(step.Path);
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

    private bool IsEmpty(TreePath path)
    {
        if (Linux.TryOpenBeneath(root, path.Bytes, OpenFlags.Read | OpenFlags.Directory, 0, out var directory) != 0)
        {
            return false;
        }

        using (directory)
        {
            return Linux.ListNames(directory!, int.MaxValue).Count == 0;
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
