using System.Diagnostics;
using System.Security.Cryptography;
using Muster.Core.Problems;
using Muster.PeerTests.Images;
using Muster.Testing;

namespace Muster.PeerTests.Objects;

/// <summary>An installation whose objects move from a folder to S3 and back.</summary>
public sealed class MoveObjectsTests(S3 s3) : IAsyncLifetime
{
    private readonly TemporaryFolder folder = new();
    private S3Place place = null!;
    private RealChain chain = null!;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    private string Image => folder.Under("image");

    public async ValueTask InitializeAsync()
    {
        place = await S3Place.MakeAsync(await s3.Server);
        chain = await RealChain.StartAsync(settings: S3Settings.Json("folder", place.Options));
        await Command.RunAsync("bash", "-c", $"mkdir -p '{Image}/many'; cd '{Image}'; seq 2500 | split -l 1 -a 3 - many/f; head -c 20000000 /dev/urandom >large; head -c 20000000 /dev/zero | tr '\\0' x >shrinks");
        Assert.Equal(0, (await chain.AddAsync("image/1", Image)).ExitCode);
    }

    public async ValueTask DisposeAsync()
    {
        await chain.DisposeAsync();
        await place.DisposeAsync();
        folder.Dispose();
    }

    [Fact]
    public async Task There_and_back_again_every_object_is_the_same_and_the_old_store_is_not_needed()
    {
        await chain.RestartAsync(async () =>
        {
            var there = await MoveAsync("s3");
            Assert.True(there.ExitCode == 0, there.Error);
            Assert.Contains("\"Store\": \"s3\"", there.Output, StringComparison.Ordinal);
            Assert.Contains("(objects.there-already)", (await MoveAsync("s3")).Error, StringComparison.Ordinal);
            Assert.Equal("objects.elsewhere", (await Assert.ThrowsAsync<ProblemException>(() => MusterServer.StartAsync(chain.Data))).Code);
            await chain.SetAsync(S3Settings.Json("s3", place.Options));
            Directory.Delete(chain.Objects, recursive: true);
        });
        await AssertAllThereAsync();

        await chain.RestartAsync(async () =>
        {
            var back = await MoveAsync("folder");
            Assert.True(back.ExitCode == 0, back.Error);
            await chain.SetAsync(S3Settings.Json("folder", place.Options));
            foreach (var key in await place.ListAsync())
            {
                await place.Client.DeleteObjectAsync(place.Options.Bucket, key, Cancelled);
            }
        });
        await AssertAllThereAsync();
    }

    [Fact]
    public async Task Killed_in_the_middle_it_changed_nothing_and_goes_on_where_it_was()
    {
        await using var between = await S3Interposer.StartAsync(await s3.Server);
        var (packs, reached, never) = (0, new TaskCompletionSource(), new TaskCompletionSource());
        between.Instead = async http =>
        {
            // A thousand small objects are one pack and one transaction; parts of the large one may come at any time.
            if (http.Request.Method == "PUT" && http.Request.Path.Value!.Contains("/packs/", StringComparison.Ordinal) && !http.Request.Query.ContainsKey("partNumber") && Interlocked.Increment(ref packs) > 1)
            {
                reached.TrySetResult();
                await never.Task.WaitAsync(http.RequestAborted);
            }

            return false;
        };
        await chain.RestartAsync(async () =>
        {
            await chain.SetAsync(S3Settings.Json("folder", place.Through(between.Port)));
            using var moving = Process.Start(Program, await WordsAsync("s3"));
            await reached.Task.WaitAsync(Cancelled);
            moving.Kill();
            await moving.WaitForExitAsync(Cancelled);
        });
        await AssertAllThereAsync();

        await chain.RestartAsync(async () =>
        {
            await chain.SetAsync(S3Settings.Json("s3", place.Options));
            var again = await MoveAsync("s3");
            Assert.True(again.ExitCode == 0, again.Error);
            Assert.Contains("; 1,000 were there already", again.Output, StringComparison.Ordinal);
            Directory.Delete(chain.Objects, recursive: true);
        });
        await AssertAllThereAsync();
    }

    [Fact]
    public async Task What_is_damaged_stays_behind_and_is_counted_and_what_is_damaged_in_the_target_is_copied_anew()
    {
        var (lost, stale) = (FileOf("many/faaa"), FileOf("many/faab"));
        await chain.RestartAsync(async () =>
        {
            Assert.Equal(0, (await MoveAsync("s3")).ExitCode);
            await chain.SetAsync(S3Settings.Json("s3", place.Options));
            await File.WriteAllTextAsync(stale, "not what it was", Cancelled);
            File.Delete(lost);
            foreach (var pack in await place.ListAsync())
            {
                await place.ChangeAsync(pack, bytes => Spoil(bytes, Convert.FromHexString(Path.GetFileName(lost))));
            }

            var back = await MoveAsync("folder");
            Assert.True(back.ExitCode == 0, back.Error);
            Assert.Contains("Copied 1 objects", back.Output, StringComparison.Ordinal);
            Assert.Contains("\n1 were damaged", back.Output, StringComparison.Ordinal);
            await chain.SetAsync(S3Settings.Json("folder", place.Options));
        });
        Assert.Equal(0, (await chain.AddAsync("image/2", Image)).ExitCode);
        await AssertAllThereAsync();
    }

    [Fact]
    public async Task While_a_server_runs_nothing_is_moved()
    {
        var refused = await MoveAsync("s3");
        Assert.Contains("(database.in-use)", refused.Error, StringComparison.Ordinal);
        Assert.Empty(await place.ListAsync(""));
    }

    private static string Program => Path.Combine(AppContext.BaseDirectory, "muster-server");

    private async Task<string[]> WordsAsync(string to) =>
        await TestDatabase.EnsureAsync(chain.Data, Cancelled) is { } database ? ["move-objects", "--data", chain.Data, "--to", to, "--database-file", database] : ["move-objects", "--data", chain.Data, "--to", to];

    private async Task<CommandResult> MoveAsync(string to) => await Command.TryAsync(Program, await WordsAsync(to), Cancelled);

    private string FileOf(string path)
    {
        var digest = Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(Path.Combine(Image, path))));
        return Path.Combine(chain.Objects, "file", digest[..2], digest);
    }

    // The stored bytes come behind a header with the digest in it.
    private static byte[] Spoil(byte[] pack, byte[] digest)
    {
        if (pack.AsSpan().IndexOf(digest) is var at and >= 0)
        {
            pack[at + 40] ^= 1;
        }

        return pack;
    }

    private async Task AssertAllThereAsync()
    {
        foreach (var path in new[] { "large", "shrinks", "many/faaa", "many/faab", "many/fbcd", "many/fdsd" })
        {
            Assert.Equal(SHA256.HashData(await File.ReadAllBytesAsync(Path.Combine(Image, path), Cancelled)), SHA256.HashData(await chain.FileOfAsync("image/1", "/" + path)));
        }
    }
}
