using Microsoft.Win32.SafeHandles;
using Muster.Agent.Applying;
using Muster.Core.Filters;
using Muster.Core.Ids;
using Muster.Core.Objects;
using Muster.Core.Plans;
using Muster.Core.Trees;
using Muster.Files;
using Muster.Testing;
using Muster.Testing.Agents;

namespace Muster.PeerTests.Agent;

/// <summary>An update that stops after each of its steps in turn, as a crash would stop it, and what the next start makes of it.</summary>
public sealed class ApplierTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    // In a short run every third step, from another one each time.
    private static int Stride => Series.IsLong ? 1 : 3;

    [Fact]
    public async Task An_update_that_stopped_after_any_step_is_finished()
    {
        await using var disk = await TestDisk.StartAsync(200, Cancel);
        var one = await Case.MakeAsync(disk.Path);
        for (var done = Series.Random(0).Next(Stride); done <= one.Steps; done += Stride)
        {
            await one.BeginAnewAsync();
            using (var update = one.Commit())
            {
                update.Do(done);
            }

            Assert.Equal(Recovery.Redone, one.Recover());
            await one.AssertLikeAsync(one.Wanted, $"seed {Series.Seed}, stopped after {done} of {one.Steps} steps");
        }
    }

    [Fact]
    public async Task An_update_that_was_being_taken_back_is_taken_back_whole()
    {
        await using var disk = await TestDisk.StartAsync(200, Cancel);
        var one = await Case.MakeAsync(disk.Path);
        for (var undone = Series.Random(1).Next(Stride); undone <= one.Steps; undone += Stride)
        {
            await one.BeginAnewAsync();
            using (var update = one.Commit())
            {
                update.Do(one.Steps);
                update.Undo(undone);
            }

            Assert.Equal(Recovery.Undone, one.Recover());
            await one.AssertLikeAsync(one.Before, $"seed {Series.Seed}, stopped after taking back {undone} of {one.Steps} steps");
        }
    }

    [Fact]
    public async Task What_was_only_staged_is_dropped()
    {
        await using var disk = await TestDisk.StartAsync(200, Cancel);
        var one = await Case.MakeAsync(disk.Path);
        await one.BeginAnewAsync();
        one.StageOnly();

        Assert.Equal(Recovery.Dropped, one.Recover());
        await one.AssertLikeAsync(one.Before, "nothing was committed");
        Assert.Equal(Recovery.Nothing, one.Recover());
    }

    [Fact]
    public async Task Contents_that_are_missing_are_named_all_at_once_and_nothing_is_changed()
    {
        await using var disk = await TestDisk.StartAsync(200, Cancel);
        var one = await Case.MakeAsync(disk.Path);
        await one.BeginAnewAsync();

        var problem = Assert.Throws<ContentMissingException>(() => one.Apply(new Nothing()));

        Assert.Equal(one.Contents, problem.Missing.ToHashSet());
        await one.AssertLikeAsync(one.Before, "nothing was at hand");
        Assert.Empty(Directory.GetFileSystemEntries(Path.Combine(disk.Path, "stage")));
    }

    [Fact]
    public async Task A_disk_that_is_full_after_the_commit_has_room_for_taking_back()
    {
        await using var disk = await TestDisk.StartAsync(60, Cancel);
        using var folder = Linux.OpenRoot(disk.Path);
        using var journal = JournalFile.Commit(folder, new ApplyOrder(InstallationId.New(TimeProvider.System), 1, Digest.Of("image"u8)), []);
        await Command.TryAsync("bash", ["-c", $"cd '{disk.Path}'; cat /dev/zero > filler; sync -f .; while head -c 1024 /dev/zero >> filler; do :; done"], Cancel);

        journal.Append(new JournalRecord.RollBack(new string('x', 1000)));
        Assert.Equal(JournalRecovery.Return, Journal.Read(AtomicFile.Read(folder, "journal"u8, 1 << 20)!).Recovery);
        journal.Close(JournalOutcome.Undone);

        Assert.False(File.Exists(Path.Combine(disk.Path, "journal")));
    }

    /// <summary>A tree, what it shall become, and the plan between.</summary>
    private sealed class Case
    {
        private readonly string place;
        private readonly RepairPlan plan;
        private readonly FolderContent content;

        private Case(string place, RepairPlan plan, FolderContent content, string before, string wanted)
        {
            this.place = place;
            this.plan = plan;
            this.content = content;
            Before = before;
            Wanted = wanted;
        }

        public string Before { get; }

        public string Wanted { get; }

        public int Steps { get; private set; }

        public HashSet<Digest> Contents => [.. plan.Needs.Keys];

        private ApplyOrder Order { get; } = new(InstallationId.New(TimeProvider.System), 7, Digest.Of("image"u8));

        public static async Task<Case> MakeAsync(string place)
        {
            foreach (var name in (string[])["before", "wanted", "stage", "state"])
            {
                Directory.CreateDirectory(Path.Combine(place, name));
            }

            var (seen, _) = await FillAsync(Path.Combine(place, "before"), 1);
            var (wanted, files) = await FillAsync(Path.Combine(place, "wanted"), 2);
            var plan = RepairPlanner.Plan(wanted, seen, TreeFilter.Everything);
            var made = new Case(place, plan, new FolderContent(Path.Combine(place, "wanted"), files),
                await Independent.DescribeAsync(Path.Combine(place, "before"), Cancel), await Independent.DescribeAsync(Path.Combine(place, "wanted"), Cancel));
            await made.BeginAnewAsync();
            using var update = made.Commit();
            made.Steps = update.Steps;
            return made;
        }

        /// <summary>The tree as it was, and neither stage nor journal.</summary>
        public async Task BeginAnewAsync() =>
            await Command.RunAsync("bash", "-c", $"cd '{place}' && rm -rf root stage state && mkdir stage state && cp -a before root");

        public Update Commit() => new(place, plan, content, Order, commits: true);

        public void StageOnly() => new Update(place, plan, content, Order, commits: false).Dispose();

        public Recovery Recover()
        {
            using var root = Linux.OpenRoot(Path.Combine(place, "root"));
            using var state = Linux.OpenRoot(Path.Combine(place, "state"));
            using var applier = new Applier(root, Linux.OpenRoot(Path.Combine(place, "stage")), state, TimeProvider.System);
            return applier.Recover();
        }

        public void Apply(IContentSource source)
        {
            using var root = Linux.OpenRoot(Path.Combine(place, "root"));
            using var state = Linux.OpenRoot(Path.Combine(place, "state"));
            using var applier = new Applier(root, Linux.OpenRoot(Path.Combine(place, "stage")), state, TimeProvider.System);
            applier.Apply(Order, plan, source, null, Cancel);
        }

        public async Task AssertLikeAsync(string wanted, string when)
        {
            var seen = await Independent.DescribeAsync(Path.Combine(place, "root"), Cancel);
            Assert.True(wanted == seen, when);
            Assert.Empty(Directory.GetFileSystemEntries(Path.Combine(place, "stage")));
            Assert.False(File.Exists(Path.Combine(place, "state", "journal")), when);
        }

        private static async Task<(Tree Tree, Dictionary<Digest, TreePath> Files)> FillAsync(string folder, int round)
        {
            using var root = Linux.OpenRoot(folder);
            new NastyTree(Series.Random(round)).Fill(root, 60);
            File.WriteAllText(Path.Combine(folder, "in-both"), $"{round}");
            var scanned = await TreeScanner.ScanAsync(root, new ScanOptions(), TimeProvider.System, Cancel);
            return (scanned.Tree, TreeWalk.Entries(scanned.Tree).Where(found => found.Entry is { Kind: EntryKind.File, Size: > 0 }).DistinctBy(found => found.Entry.Content).ToDictionary(found => found.Entry.Content, found => found.Path));
        }
    }

    /// <summary>An update whose steps are done one by one. Disposed without an end it is what a crash leaves.</summary>
    private sealed class Update : IDisposable
    {
        private readonly SafeFileHandle root;
        private readonly SafeFileHandle state;
        private readonly Stage stage;
        private readonly StepRunner runner;
        private readonly JournalFile? journal;
        private readonly List<JournalRecord.Staged> steps;

        public Update(string place, RepairPlan plan, IContentSource content, ApplyOrder order, bool commits)
        {
            root = Linux.OpenRoot(Path.Combine(place, "root"));
            state = Linux.OpenRoot(Path.Combine(place, "state"));
            stage = new Stage(Linux.OpenRoot(Path.Combine(place, "stage")));
            runner = new StepRunner(root, stage);
            var builder = new StageBuilder(root, stage, content, Cancel);
            steps = [.. plan.Steps.Select(builder.Prepare).OfType<JournalRecord.Staged>()];
            journal = commits ? JournalFile.Commit(state, order, steps) : null;
        }

        public int Steps => steps.Count;

        public void Do(int count) => steps.Take(count).ToList().ForEach(runner.Do);

        public void Undo(int count)
        {
            journal!.Append(new JournalRecord.RollBack("the test says so"));
            steps.AsEnumerable().Reverse().Take(count).ToList().ForEach(runner.Undo);
        }

        public void Dispose()
        {
            journal?.Dispose();
            runner.Dispose();
            stage.Dispose();
            state.Dispose();
            root.Dispose();
        }
    }

    private sealed class FolderContent(string folder, IReadOnlyDictionary<Digest, TreePath> files) : IContentSource
    {
        public bool TryWrite(Digest content, long size, ContentWriter target, CancellationToken cancellationToken)
        {
            using var root = Linux.OpenRoot(folder);
            using var file = Linux.OpenBeneath(root, files[content].Bytes, OpenFlags.Read);
            var buffer = new byte[64 * 1024];
            for (long position = 0; Linux.Read(file, buffer, position) is var count and > 0; position += count)
            {
                target.Write(buffer.AsSpan(0, count));
            }

            return true;
        }
    }

    private sealed class Nothing : IContentSource
    {
        public bool TryWrite(Digest content, long size, ContentWriter target, CancellationToken cancellationToken) => false;
    }
}
