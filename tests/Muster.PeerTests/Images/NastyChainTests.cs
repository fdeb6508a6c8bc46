using Muster.Files;
using Muster.Testing;
using Muster.Testing.Agents;

namespace Muster.PeerTests.Images;

/// <summary>From a folder through command line, store and agent to another folder, compared by the system's own tools.</summary>
public sealed class NastyChainTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    [Requirement("DMX-002")]
    [Requirement("DM-001")]
    [Requirement("DM-009")]
    public async Task A_nasty_tree_comes_through_the_whole_chain_exactly()
    {
        await using var disk = await TestDisk.StartAsync(500, Cancel);
        await using var chain = await RealChain.StartAsync();
        var root = MakeFolder(disk, "root");
        await chain.JoinAsync(disk, "nasty", Path.Combine(disk.PathInside, "root"));
        for (var round = 0; round < Series.Rounds(20, 3); round++)
        {
            var (random, when) = (Series.Random(round), $"seed {Series.Seed}, round {round}");
            var wanted = MakeFolder(disk, $"wanted{round}");
            using (var folder = Linux.OpenRoot(wanted))
            {
                new NastyTree(random).Fill(folder, 150);
            }

            var added = await chain.AddAsync($"nasty/{round}", wanted);
            Assert.True(added.ExitCode == 0, $"{when}: {added.Error}");
            var required = await chain.Muster.TryAsync(["machines", "require-image", "nasty", $"nasty/{round}", "--yes", "--wait"], Cancel);

            Assert.True(required.ExitCode == 0, $"{when}: {required.Error}\n{chain.AgentSaid}");
            AssertSame(await Independent.DescribeAsync(wanted, Cancel), await Independent.DescribeAsync(root, Cancel), when);
            await RequireHolesAsync(wanted, root, when);
        }
    }

    [Fact]
    public async Task A_path_longer_than_the_kernel_takes_at_once_comes_through_the_whole_chain()
    {
        await using var disk = await TestDisk.StartAsync(50, Cancel);
        await using var chain = await RealChain.StartAsync();
        var (wanted, root) = (MakeFolder(disk, "wanted"), MakeFolder(disk, "root"));
        const string make = "cd \"$1\"; for level in {1..20}; do mkdir \"$2\"; cd -P \"$2\"; done; echo content > leaf; chmod 4711 leaf";
        await Command.RunAsync("bash", ["-c", make, "make", wanted, new string('d', 250)], Cancel);
        await chain.JoinAsync(disk, "deep", Path.Combine(disk.PathInside, "root"));

        var added = await chain.AddAsync("deep/1", wanted);
        Assert.True(added.ExitCode == 0, added.Error);
        var required = await chain.Muster.TryAsync(["machines", "require-image", "deep", "deep/1", "--yes", "--wait"], Cancel);

        Assert.True(required.ExitCode == 0, $"{required.Error}\n{chain.AgentSaid}");
        Assert.Equal(await DescribeDeepAsync(wanted), await DescribeDeepAsync(root));
        Assert.Contains("/leaf f 4711", await DescribeDeepAsync(root), StringComparison.Ordinal);
    }

    // find goes down name by name, so it can tell of paths that it could not open.
    private static Task<string> DescribeDeepAsync(string folder) => Command.RunAsync(
        "find", [folder, "-mindepth", "1", "-path", $"{folder}/.muster-agent", "-prune", "-o", "-printf", "%P %y %m %U %G\\n", "-type", "f", "-execdir", "sha256sum", "{}", ";"], Cancel);

    // Runs of zeros shorter than 64 KiB are written; a nasty file has one piece of content, and so at most four of them.
    private static async Task RequireHolesAsync(string wanted, string root, string when)
    {
        var (room, seen) = (await Independent.MeasureAsync(wanted, Cancel), await Independent.MeasureAsync(root, Cancel));
        Assert.True(room.All(file => seen[file.Key] <= file.Value + (4 * 64 * 1024)), $"{when}: {string.Join(", ", room.Where(file => seen[file.Key] > file.Value + (4 * 64 * 1024)))}");
    }

    private static string MakeFolder(TestDisk disk, string name) => Directory.CreateDirectory(Path.Combine(disk.Path, name)).FullName;

    private static void AssertSame(string wanted, string seen, string when)
    {
        var (left, right) = (wanted.Split('\n'), seen.Split('\n'));
        Assert.True(wanted == seen, $"{when}:\n- {string.Join("\n- ", left.Except(right).Take(5))}\n+ {string.Join("\n+ ", right.Except(left).Take(5))}");
    }
}
