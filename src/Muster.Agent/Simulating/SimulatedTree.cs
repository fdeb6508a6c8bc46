using System.Threading.Channels;
using Muster.Agent.Applying;
using Muster.Agent.Scanning;
using Muster.Agent.Watching;
using Muster.Core.Filters;
using Muster.Core.Plans;
using Muster.Core.Problems;
using Muster.Core.Trees;
using Muster.Files;
using Muster.Protocol.Machines;

namespace Muster.Agent.Simulating;

/// <summary>
/// A tree in memory that behaves as one on disk does: plans change it, drift can be made in it and is told. Contents are only names.
/// Thousands of machines with the same image share almost all of it.
/// </summary>
internal sealed class SimulatedTree(Tree tree, TimeProvider time) : IFileTree
{
    private readonly Channel<Change> changes = Channel.CreateUnbounded<Change>();
    private readonly Lock gate = new();
    private Tree now = tree;

    public string FileSystem => "simulated";

    public ChannelReader<Change>? Changes => changes.Reader;

    public WatchTrouble? Trouble => null;

    public WatchTrouble? CulpritTrouble => null;

    /// <summary>What is there.</summary>
    public Tree Now
    {
        get
        {
            lock (gate)
            {
                return now;
            }
        }
    }

    /// <summary>Fails the next update.</summary>
    public ProblemException? FailNext { get; set; }

    /// <summary>How many repairs find that somebody has just moved what they are about.</summary>
    public int SkipNext { get; set; }

    /// <summary>The watcher ends, as if its thread had failed.</summary>
    public void EndEvents() => changes.Writer.TryComplete();

    /// <summary>Lets a process change something; nobody is told where <paramref name="isTold"/> is not set, as of a write to the raw disk.</summary>
    public void Drift(TreePath path, Action<TreeEdit> change, ChangeKinds what, int process, bool isTold = true)
    {
        lock (gate)
        {
            var edit = new TreeEdit(now);
            change(edit);
            now = edit.ToTree();
        }

        if (isTold)
        {
            changes.Writer.TryWrite(new Change(path.Parent, path.Name.ToArray(), what, IsDirectory: false, process, time.GetTimestamp()));
        }
    }

    public Recovery Recover() => Recovery.Nothing;

    public void Watch(Func<TreePath, bool> matters)
    {
    }

    public Task<ScanResult> ScanAsync(TreeFilter filter, ScanProgress progress, bool gently, CancellationToken cancellationToken) =>
        Task.FromResult(new ScanResult(Now, progress, [], []));

    public Sight? Verify(TreePath path, ReadPace pace, CancellationToken cancellationToken) => Now.Find(path) is { } entry ? new Sight(entry, (1, 1)) : null;

    public Task<Sight?> LookAsync(TreePath path, bool below, bool verify, CancellationToken cancellationToken)
    {
        var tree = Now;
        if (tree.Find(path) is not { } entry)
        {
            return Task.FromResult<Sight?>(null);
        }

        // Names of one inode have the number of their first.
        var inode = (ulong)(uint)(tree.LinksOf(path)?.Paths[0] ?? path).GetHashCode();
        return Task.FromResult<Sight?>(new Sight(entry, (1, inode)));
    }

    public ApplyResult Apply(ApplyOrder order, RepairPlan plan, IContentSource content, Action<long>? staged, CancellationToken cancellationToken)
    {
        if (FailNext is { } problem)
        {
            FailNext = null;
            throw problem;
        }

        return Repair(plan, content, cancellationToken);
    }

    public ApplyResult Repair(RepairPlan plan, IContentSource content, CancellationToken cancellationToken)
    {
        if (SkipNext > 0)
        {
            SkipNext--;
            return new ApplyResult(0, 0, TimeSpan.Zero, [], [.. plan.Steps.Select(step => step.Path)]);
        }

        lock (gate)
        {
            now = TreePatch.Apply(now, plan);
        }

        return new ApplyResult(plan.Steps.Count(step => step is RepairStep.PutFile), plan.Counts.Bytes, TimeSpan.Zero, [], []);
    }

    public bool TryRead(TreePath path, Action<ReadOnlyMemory<byte>> take, CancellationToken cancellationToken) => false;

    public ValueTask<Culprit?> FindCulpritAsync(Change change, CancellationToken cancellationToken) =>
        ValueTask.FromResult<Culprit?>(new Culprit(change.Process, "vi", "/usr/bin/vi", "vi", "alice", "root", null, null, ["bash", "sshd"], "proc"));

    public void WarmUp()
    {
    }

    public void Remember()
    {
    }

    public ValueTask DisposeAsync()
    {
        changes.Writer.TryComplete();
        return ValueTask.CompletedTask;
    }
}
