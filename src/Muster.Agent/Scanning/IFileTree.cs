using System.Threading.Channels;
using Muster.Agent.Applying;
using Muster.Agent.Watching;
using Muster.Core.Objects;
using Muster.Core.Filters;
using Muster.Core.Plans;
using Muster.Core.Trees;
using Muster.Files;
using Muster.Protocol.Machines;

namespace Muster.Agent.Scanning;

/// <summary>What is at a path, and which inode it is, so that hard links are told from copies.</summary>
/// <param name="Entry">A directory comes without its content unless that was asked for.</param>
internal sealed record Sight(TreeEntry Entry, (ulong Device, ulong Inode) Inode);

/// <summary>
/// The tree that the agent keeps: a live one on disk, or a simulated one in memory. One caller at a time, except for
/// <see cref="Changes"/>, <see cref="Verify"/> and <see cref="TryRead"/>. What cannot be done is a <see cref="Core.Problems.ProblemException"/>.
/// </summary>
internal interface IFileTree : IAsyncDisposable
{
    /// <summary>Name of its file system, for people.</summary>
    string FileSystem { get; }

    /// <summary>Where something changed, as it happens; null where that cannot be told.</summary>
    ChannelReader<Change>? Changes { get; }

    /// <summary>Why changes cannot be told; null where they are.</summary>
    WatchTrouble? Trouble { get; }

    /// <summary>Why nobody, or not everybody, can be named who changed something; null where they can.</summary>
    WatchTrouble? CulpritTrouble { get; }

    /// <summary>Who changed something; null where nothing can be said.</summary>
    ValueTask<Culprit?> FindCulpritAsync(Change change, CancellationToken cancellationToken);

    /// <summary>Finishes or takes back an update that a crash interrupted. The first call of all.</summary>
    Recovery Recover();

    /// <summary>Says which paths matter: of others no change is told from now on.</summary>
    void Watch(Func<TreePath, bool> matters);

    /// <summary>Everything that a filter manages, read anew where the remembered digests do not vouch for it; of the rest names and kinds, as
    /// far as they stand beside it.</summary>
    /// <param name="gently">Nobody waits for it: others have processor and disk first.</param>
    Task<ScanResult> ScanAsync(TreeFilter filter, ScanProgress progress, bool gently, CancellationToken cancellationToken);

    /// <summary>What is at a path now, by its content and not by what is remembered of it where <paramref name="verify"/> is set; null for nothing.
    /// With <paramref name="below"/> a directory comes with all that is in it.</summary>
    Task<Sight?> LookAsync(TreePath path, bool below, bool verify, CancellationToken cancellationToken);

    /// <summary>As <see cref="LookAsync"/> with verify, for a file, from the medium and at a pace. May be called beside all the others.</summary>
    Sight? Verify(TreePath path, ReadPace pace, CancellationToken cancellationToken);

    /// <summary>Carries out a plan as one update that a crash cannot leave half done.</summary>
    ApplyResult Apply(ApplyOrder order, RepairPlan plan, IContentSource content, Action<long>? staged, CancellationToken cancellationToken);

    /// <summary>Carries out a small plan at once.</summary>
    ApplyResult Repair(RepairPlan plan, IContentSource content, CancellationToken cancellationToken);

    /// <summary>Reads the content of a file in pieces; false where it is not there or not a file.</summary>
    bool TryRead(TreePath path, Action<ReadOnlyMemory<byte>> take, CancellationToken cancellationToken);

    /// <summary>Makes the first repair as quick as the second.</summary>
    void WarmUp();

    /// <summary>Saves what makes the next scan quick.</summary>
    void Remember();
}
