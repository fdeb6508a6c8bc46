using Muster.Core.Trees;

namespace Muster.Core.Plans;

/// <summary>One step of a repair. Closed: the kinds below are all there are.</summary>
public abstract record RepairStep
{
    private RepairStep(TreePath path) => Path = path;

    /// <summary>Where. Always managed, except for directories that have to be made on the way to a managed path.</summary>
    public TreePath Path { get; init; }

    /// <summary>
    /// Leaves exactly <see cref="Wanted"/> at its path, replacing whatever was there in one exchange; a directory that is replaced
    /// is wholly managed or empty by then.
    /// </summary>
    public abstract record Put : RepairStep
    {
        private protected Put(TreePath path, TreeEntry wanted, TreeEntry? seen)
            : base(path) => (Wanted, Seen) = (wanted, seen);

        /// <summary>What is there afterwards, with all its attributes.</summary>
        public TreeEntry Wanted { get; init; }

        /// <summary>What the planner saw there; null for nothing. Whoever applies the step may refuse it if that is no longer so.</summary>
        public TreeEntry? Seen { get; init; }
    }

    /// <summary>Makes an empty directory.</summary>
    public sealed record MakeDirectory(TreePath Path, TreeEntry Wanted, TreeEntry? Seen) : Put(Path, Wanted, Seen);

    /// <summary>Puts a file, complete with content, or a computed file.</summary>
    public sealed record PutFile(TreePath Path, TreeEntry Wanted, TreeEntry? Seen) : Put(Path, Wanted, Seen);

    /// <summary>Puts a symlink.</summary>
    public sealed record PutSymlink(TreePath Path, TreeEntry Wanted, TreeEntry? Seen) : Put(Path, Wanted, Seen);

    /// <summary>Puts a character or block device.</summary>
    public sealed record PutDevice(TreePath Path, TreeEntry Wanted, TreeEntry? Seen) : Put(Path, Wanted, Seen);

    /// <summary>Puts a named pipe.</summary>
    public sealed record PutFifo(TreePath Path, TreeEntry Wanted, TreeEntry? Seen) : Put(Path, Wanted, Seen);

    /// <summary>Makes the path one more name of the inode at <paramref name="To"/>, which by then has the right content.</summary>
    public sealed record Link(TreePath Path, TreePath To, TreeEntry Wanted, TreeEntry? Seen) : Put(Path, Wanted, Seen);

    /// <summary>Changes mode, owner, times and extended attributes in place, of all names of the inode; content is already right.</summary>
    public sealed record SetAttributes(TreePath Path, TreeEntry Wanted, TreeEntry Seen) : RepairStep(Path);

    /// <summary>
    /// Removes what is there. A directory goes with everything below where <paramref name="Whole"/> is set: then the filter manages whatever
    /// may be in it. Otherwise earlier steps have emptied it; one that is not empty after all is left alone.
    /// </summary>
    public sealed record Remove(TreePath Path, TreeEntry Seen, bool Whole) : RepairStep(Path);
}
