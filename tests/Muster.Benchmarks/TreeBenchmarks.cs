using BenchmarkDotNet.Attributes;
using Muster.Core.Filters;
using Muster.Core.Objects;
using Muster.Core.Plans;
using Muster.Core.Trees;

namespace Muster.Benchmarks;

/// <summary>Thinking about a tree of 32,000 entries.</summary>
[MemoryDiagnoser]
public class TreeBenchmarks
{
    private static readonly TreePath OnePath = TreePath.FromText("var/lib/dpkg/info");
    private readonly Tree wanted = SyntheticTree.Make();
    private readonly TreeFilter filter = TreeFilter.Parse(
        "ignore /proc/**\nignore /sys/**\nignore /dev/**\nignore /run/**\nignore /tmp/**\nignore /var/log/**\nignore /var/cache\nignore /home\n"
        + "ignore *.pyc\nignore /etc/**/*.bak\nmanage /home/*/.ssh\nignore /var/lib/dpkg/info/*.tmp");

    private Tree drifted = Tree.Empty;
    private Tree oneChanged = Tree.Empty;
    private TreePath changedPath;
    private byte[][] paths = [];
    private byte[][] objects = [];

    /// <summary>Makes what is measured.</summary>
    [GlobalSetup]
    public void Setup()
    {
        drifted = SyntheticTree.Drifted(wanted);
        changedPath = TreeWalk.Within(OnePath, wanted.Find(OnePath)!).First(found => found.Entry.Kind == EntryKind.File).Path;
        oneChanged = wanted.With(changedPath, SyntheticTree.File(-1, EntryKind.File));
        paths = [.. TreeWalk.Entries(wanted).Select(found => found.Path.Bytes.ToArray())];
        objects = [.. TreeWalk.Directories(wanted).Select(TreeFormat.Encode)];
    }

    /// <summary>All directory objects.</summary>
    [Benchmark]
    public int Encode() => TreeWalk.Directories(wanted).Sum(directory => TreeFormat.Encode(directory).Length);

    /// <summary>All directory objects.</summary>
    [Benchmark]
    public int Decode() => objects.Sum(bytes => TreeFormat.DecodeDirectory(bytes).Entries.Length);

    /// <summary>All directory objects, encoded already.</summary>
    [Benchmark]
    public int Hash() => objects.Sum(bytes => Digest.Of(bytes).Bytes[0]);

    /// <summary>One file put in a large directory, and the digest of the tree.</summary>
    [Benchmark]
    public Digest DigestAfterOneChange() => wanted.With(changedPath, SyntheticTree.File(-1, EntryKind.File)).Digest;

    /// <summary>Each path on its own.</summary>
    [Benchmark]
    public int Filter() => paths.Count(path => filter.Manages(path));

    /// <summary>The managed part of the tree.</summary>
    [Benchmark]
    public Tree Managed() => ManagedTree.Of(wanted, filter);

    /// <summary>One path in a hundred differs.</summary>
    [Benchmark]
    public int Diff() => TreeDiff.Between(wanted, drifted).Count;

    /// <summary>One path in a hundred differs.</summary>
    [Benchmark]
    public int Plan() => RepairPlanner.Plan(wanted, drifted, TreeFilter.Everything).Steps.Count;

    /// <summary>One path in a hundred differs, and every path has to be asked for.</summary>
    [Benchmark]
    public int PlanFiltered() => RepairPlanner.Plan(wanted, drifted, filter).Steps.Count;

    /// <summary>Nothing is there yet.</summary>
    [Benchmark]
    public int PlanEverything() => RepairPlanner.Plan(wanted, Tree.Empty, TreeFilter.Everything).Steps.Count;

    /// <summary>The path that an event named.</summary>
    [Benchmark]
    public int PlanOnePath() => RepairPlanner.PlanFor(wanted, oneChanged, TreeFilter.Everything, changedPath).Steps.Count;
}
