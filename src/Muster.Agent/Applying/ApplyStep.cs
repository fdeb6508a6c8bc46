using Muster.Core.Trees;

namespace Muster.Agent.Applying;

/// <summary>What a step does. Numbers are those of the journal.</summary>
internal enum StepKind : byte
{
    /// <summary>What is staged and what is there swap places.</summary>
    Exchange = 1,

    /// <summary>What is staged goes where nothing is.</summary>
    Place = 2,

    /// <summary>What is there goes to the stage, with all below it.</summary>
    Remove = 3,

    /// <summary>Owner, mode, attributes and time change where they are.</summary>
    Attributes = 4,

    /// <summary>As <see cref="Remove"/>, but a directory in which something is left after all stays.</summary>
    RemoveEmpty = 5,
}

/// <summary>
/// One change to the tree, as the journal holds it. Each can be done twice and undone: whether it was done is told by the stage,
/// which nobody but us touches, and never by the tree, which anyone may have changed since.
/// </summary>
/// <param name="Number">The name in the stage; 0 for <see cref="StepKind.Attributes"/>.</param>
/// <param name="Inode">Of what is staged, for <see cref="StepKind.Exchange"/>.</param>
/// <param name="Wanted">For <see cref="StepKind.Attributes"/>: as it shall be.</param>
/// <param name="Seen">For <see cref="StepKind.Attributes"/>: as it was, to go back.</param>
internal sealed record ApplyStep(StepKind Kind, TreePath Path, long Number, ulong Inode, TreeEntry? Wanted, TreeEntry? Seen);
