using System.Security.Cryptography;
using Muster.Testing;

namespace Muster.PeerTests.Images;

/// <summary>What goes wrong while an image is added, through the real command line: it is said, nothing is lost, and the same command goes on.</summary>
public sealed class AddTroubleTests : IDisposable
{
    private readonly TemporaryFolder tree = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => tree.Dispose();

    [Theory]
    [InlineData(1, 70 << 20)]
    [InlineData(100, 700 << 10)]
    public async Task A_full_disk_under_the_server_is_said_and_with_room_the_same_command_goes_through(int files, int size)
    {
        await using var disk = await TestDisk.StartAsync(250, Cancel);
        await using var chain = await RealChain.StartAsync(disk.Path);
        Write(files, size);
        var filler = Path.Combine(disk.Path, "filler");
        await Command.RunAsync("bash", ["-c", "head -c 300M /dev/zero > \"$1\"; truncate -s -30M \"$1\"", "fill", filler], Cancel);

        var full = await chain.AddAsync("base/1", tree.Path);

        Assert.True(full.ExitCode == 74, full.Error);
        Assert.Contains("objects.full", full.Error, StringComparison.Ordinal);
        Assert.Equal(4, (await chain.Muster.TryAsync(["images", "show", "base/1"], Cancel)).ExitCode);
        Assert.Empty(Directory.EnumerateFiles(Path.Combine(chain.Objects, "incoming"), "*-*", SearchOption.AllDirectories));

        File.Delete(filler);
        var again = await chain.AddAsync("base/1", tree.Path);
        Assert.True(again.ExitCode == 0, again.Error);
        Assert.Equal(await File.ReadAllBytesAsync(tree.Under("0"), Cancel), await chain.FileOfAsync("base/1", "/0"));
    }

    [Fact]
    public async Task An_upload_goes_on_by_itself_when_the_server_was_started_anew()
    {
        await using var chain = await RealChain.StartAsync();
        Write(1, 200 << 20);
        var adding = chain.AddAsync("base/1", tree.Path);
        var parts = Path.Combine(chain.Objects, "parts");
        using (var again = new PeriodicTimer(TimeSpan.FromMilliseconds(5)))
        {
            while (!Directory.Exists(parts) || !Directory.EnumerateFiles(parts, "*", SearchOption.AllDirectories).Any(part => new FileInfo(part).Length > 0))
            {
                Assert.False(adding.IsCompleted, adding.IsCompleted ? (await adding).Error : "");
                await again.WaitForNextTickAsync(Cancel);
            }
        }

        await chain.RestartAsync();

        var added = await adding;
        Assert.True(added.ExitCode == 0, added.Error);
        Assert.Contains("trying again", added.Error, StringComparison.Ordinal);
        Assert.Equal(SHA256.HashData(await File.ReadAllBytesAsync(tree.Under("0"), Cancel)), SHA256.HashData(await chain.FileOfAsync("base/1", "/0")));
    }

    [Fact]
    public async Task A_file_over_which_another_is_mounted_is_named_and_a_filter_leaves_it_alone()
    {
        await using var disk = await TestDisk.StartAsync(50, Cancel);
        await using var chain = await RealChain.StartAsync();
        var (folder, inside) = (Path.Combine(disk.Path, "tree"), Path.Combine(disk.PathInside, "tree"));
        Directory.CreateDirectory(folder);
        await File.WriteAllTextAsync(Path.Combine(folder, "hosts"), "below", Cancel);
        await File.WriteAllTextAsync(Path.Combine(folder, "other"), "plain", Cancel);
        var mount = disk.Enter(["mount", "--bind", "/etc/hostname", $"{inside}/hosts"]);
        await Command.RunAsync(mount[0], mount.Skip(1), Cancel);

        var refused = await chain.AddAsync("base/1", folder);
        var filter = tree.Under("filter");
        await File.WriteAllTextAsync(filter, "ignore /hosts\n", Cancel);
        var added = await chain.AddAsync("base/1", folder, "--filter", filter);

        Assert.Equal(5, refused.ExitCode);
        Assert.Contains("/hosts: a file of another file system is mounted over it", refused.Error, StringComparison.Ordinal);
        Assert.Contains("ignore /hosts", refused.Error, StringComparison.Ordinal);
        Assert.True(added.ExitCode == 0, added.Error);
        Assert.Equal("plain"u8.ToArray(), await chain.FileOfAsync("base/1", "/other"));
    }

    private void Write(int files, int size)
    {
        for (var file = 0; file < files; file++)
        {
            File.WriteAllBytes(tree.Under($"{file}"), RandomNumberGenerator.GetBytes(size));
        }
    }
}
