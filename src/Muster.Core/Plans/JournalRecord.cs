using Muster.Core.Objects;
using Muster.Core.Trees;

namespace Muster.Core.Plans;

/// <summary>Begins a journal.</summary>
/// <param name="Installation">Of the server whose order is carried out.</param>
/// <param name="Order">Number of the order; 0 for a repair the agent decided on.</param>
public sealed record JournalHeader(InstallationId Installation, long Order);

/// <summary>How one step moves between stage and tree.</summary>
public enum JournalAction : byte
{
    /// <summary>The staged inode and what is at the path change places.</summary>
    Exchange = 1,

    /// <summary>The staged inode goes to the path, where nothing is.</summary>
    Place = 2,

    /// <summary>What is at the path goes into the stage.</summary>
    TakeAway = 3,

    /// <summary>Attributes are set in place.</summary>
    Attributes = 4,
}

/// <summary>How an application of a plan ended.</summary>
public enum JournalOutcome : byte
{
    /// <summary>The plan's tree stays.</summary>
    Applied = 1,

    /// <summary>Everything is as it was before.</summary>
    Undone = 2,
}

/// <summary>One record of the agent's apply journal (docs/formats/journal.md). Closed: those below are all there are.</summary>
public abstract record JournalRecord
{
    private JournalRecord()
    {
    }

    /// <summary>First: what is applied.</summary>
    /// <param name="Plan">Digest of the plan.</param>
    /// <param name="Image">Digest of the image object that the machine is to match.</param>
    public sealed record Begin(Digest Plan, Digest Image) : JournalRecord;

    /// <summary>One step is complete in the stage; steps are numbered from 0 in the order in which they will happen.</summary>
    /// <param name="Step">Its number.</param>
    /// <param name="Action">What will happen.</param>
    /// <param name="Path">Where.</param>
    /// <param name="StageName">Name in the stage; empty for attributes.</param>
    /// <param name="Device">Device of the inode that moves, or whose attributes are set.</param>
    /// <param name="Inode">Its number: a live path with this inode was already exchanged.</param>
    /// <param name="Before">What was there; null for nothing.</param>
    /// <param name="After">What will be there; null for nothing.</param>
    public sealed record Staged(int Step, JournalAction Action, TreePath Path, string StageName, ulong Device, ulong Inode, TreeEntry? Before, TreeEntry? After) : JournalRecord;

    /// <summary>The stage is on disk. From here on a crash is answered by going on.</summary>
    /// <param name="Steps">How many steps were staged.</param>
    public sealed record Commit(int Steps) : JournalRecord;

    /// <summary>A step happened. Only a hint: it may have happened without its record.</summary>
    public sealed record Exchanged(int Step) : JournalRecord;

    /// <summary>All steps happened and are on disk; the health of the machine is still to be judged.</summary>
    public sealed record Done : JournalRecord;

    /// <summary>Every step is to be taken back, last first. From here on a crash is answered by going on with that.</summary>
    /// <param name="Why">A sentence for the operator.</param>
    public sealed record RollBack(string Why) : JournalRecord;

    /// <summary>A step was taken back. Only a hint.</summary>
    public sealed record Returned(int Step) : JournalRecord;

    /// <summary>Last: nothing is left but to drop the stage and this journal.</summary>
    public sealed record Closed(JournalOutcome Outcome) : JournalRecord;
}
