using Muster.Core.Trees;

namespace Muster.Agent.Watching;

/// <summary>What the kernel says happened at a name. Several may come together.</summary>
[Flags]
internal enum ChangeKinds
{
    None = 0,
    Created = 1,
    Deleted = 2,

    /// <summary>The name is gone because it was renamed; the new name comes as a change of its own.</summary>
    MovedAway = 4,
    MovedHere = 8,

    /// <summary>Closed by a process that had it open for writing.</summary>
    Written = 16,

    /// <summary>Written or cut, and still open.</summary>
    Modified = 32,

    /// <summary>Mode, owner, time, extended attributes or number of links.</summary>
    Attributes = 64,

    /// <summary>Changes were lost: only a scan of everything tells what happened.</summary>
    Lost = 128,
}

/// <summary>Something changed at a name. It says where to look, never what is there now: by the time it is read that may be something else again.</summary>
/// <param name="Directory">The directory, as its path is now.</param>
/// <param name="Name">The name in it; empty for the directory itself.</param>
/// <param name="What">What happened.</param>
/// <param name="IsDirectory">True if the name is, or was, a directory: then all below it may be new.</param>
/// <param name="Process">Who did it, as a process id in our namespace; 0 if it lies in another.</param>
/// <param name="At">The moment we learned of it, as <see cref="TimeProvider.GetTimestamp"/>.</param>
internal sealed record Change(TreePath Directory, byte[] Name, ChangeKinds What, bool IsDirectory, int Process, long At)
{
    public TreePath Path => Name.Length == 0 ? Directory : Directory.Join(Name);

    public static Change Lost(long at) => new(TreePath.Root, [], ChangeKinds.Lost, IsDirectory: true, 0, at);

    public override string ToString() => $"{What} {Path} by {Process}";
}

/// <summary>Why changes cannot be told as they happen. The machine is kept by scanning then, and this becomes its condition.</summary>
/// <param name="Code">Stable: <c>watch.kernel</c>, <c>watch.file-system</c>, <c>watch.denied</c>.</param>
/// <param name="Message">For people, with the cure.</param>
internal sealed record WatchTrouble(string Code, string Message);
