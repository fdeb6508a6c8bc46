using System.Net;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text;
using Muster.PeerTests.Images;
using Muster.Protocol.Edge;
using Muster.Server.Edge;
using Muster.Testing;
using Muster.Testing.Agents;

namespace Muster.PeerTests.Objects;

/// <summary>A server that keeps its objects in S3, with the real command line and agent before it.</summary>
public sealed class S3ServerTests(S3 s3) : IAsyncLifetime
{
    private readonly TemporaryFolder folder = new();
    private S3Place place = null!;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => place = await S3Place.MakeAsync(await s3.Server);

    public async ValueTask DisposeAsync()
    {
        await place.DisposeAsync();
        folder.Dispose();
    }

    [Fact]
    public async Task An_image_is_added_fetched_by_an_agent_and_a_machine_kept_like_it()
    {
        await using var disk = await TestDisk.StartAsync(200, Cancelled);
        await using var chain = await RealChain.StartAsync(settings: S3Settings.Json("s3", place.Options));
        var (wanted, root) = (Directory.CreateDirectory(Path.Combine(disk.Path, "wanted")).FullName, Directory.CreateDirectory(Path.Combine(disk.Path, "root")).FullName);
        await Command.RunAsync("bash", "-c", $"cd '{wanted}'; mkdir -p etc usr/bin; seq 2000 | split -l 1 -a 3 - etc/f; head -c 20000000 /dev/urandom >usr/bin/tool");
        await chain.JoinAsync(disk, "kept", Path.Combine(disk.PathInside, "root"));

        var added = await chain.AddAsync("kept/1", wanted);
        Assert.True(added.ExitCode == 0, added.Error);
        var required = await chain.Muster.TryAsync(["machines", "require-image", "kept", "kept/1", "--yes", "--wait"], Cancelled);
        Assert.True(required.ExitCode == 0, $"{required.Error}\n{chain.AgentSaid}");
        Assert.Equal(await Independent.DescribeAsync(wanted, Cancelled), await Independent.DescribeAsync(root, Cancelled));

        await File.WriteAllTextAsync(Path.Combine(root, "usr/bin/tool"), "another tool", Cancelled);
        await UntilSameAsync(wanted, root);
        Assert.Empty(Directory.EnumerateFiles(chain.Objects, "*", SearchOption.AllDirectories));
    }

    [Fact]
    public async Task An_object_that_was_altered_in_the_bucket_is_found_put_aside_said_and_healed()
    {
        await using var chain = await RealChain.StartAsync(settings: S3Settings.Json("s3", place.Options));
        var (image, content) = (Directory.CreateDirectory(folder.Under("image")).FullName, RandomNumberGenerator.GetBytes(5000));
        await File.WriteAllBytesAsync(Path.Combine(image, "altered"), content, Cancelled);
        await File.WriteAllTextAsync(Path.Combine(image, "other"), "other", Cancelled);
        Assert.Equal(0, (await chain.AddAsync("image/1", image)).ExitCode);
        foreach (var pack in await place.ListAsync())
        {
            await place.ChangeAsync(pack, bytes =>
            {
                if (bytes.AsSpan().IndexOf(content) is var at and >= 0)
                {
                    bytes[at + 4999] ^= 1;
                }

                return bytes;
            });
        }

        using (var admin = await chain.SignInAsync())
        {
            using var answer = await admin.GetAsync("/api/v1/images/file?image=image/1&path=/altered", Cancelled);
            Assert.Equal((HttpStatusCode.ServiceUnavailable, "object.damaged"), (answer.StatusCode, (await answer.Content.ReadFromJsonAsync<Problem>(WireJson.Options, Cancelled))!.Code));
        }

        Assert.Equal("other", Encoding.UTF8.GetString(await chain.FileOfAsync("image/1", "/other")));
        Assert.Contains(Convert.ToHexStringLower(SHA256.HashData(content)), Assert.Single(await place.ListAsync("quarantine/")), StringComparison.Ordinal);
        await UntilHealedAsync(chain, image);
        Assert.Equal(content, await chain.FileOfAsync("image/1", "/altered"));
    }

    [Fact]
    public async Task A_pack_that_was_cut_short_or_is_gone_is_found()
    {
        await using var chain = await RealChain.StartAsync(settings: S3Settings.Json("s3", place.Options));
        var image = Directory.CreateDirectory(folder.Under("image")).FullName;
        await File.WriteAllBytesAsync(Path.Combine(image, "large"), RandomNumberGenerator.GetBytes(9 << 20), Cancelled);
        Assert.Equal(0, (await chain.AddAsync("image/1", image)).ExitCode);
        var large = (await place.ListAsync()).ToDictionary(key => key);
        foreach (var pack in large.Keys)
        {
            await place.ChangeAsync(pack, bytes => bytes.Length > 9 << 20 ? bytes[..^1] : bytes);
        }

        using var admin = await chain.SignInAsync();
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await admin.GetAsync("/api/v1/images/file?image=image/1&path=/large", Cancelled)).StatusCode);
        Assert.Single(await place.ListAsync("quarantine/"));
    }

    [Fact]
    public async Task A_server_whose_bucket_is_cut_off_is_not_ready_until_it_is_back()
    {
        await using var between = await S3Interposer.StartAsync(await s3.Server);
        await using var chain = await RealChain.StartAsync(settings: S3Settings.Json("s3", place.Through(between.Port)));
        using var admin = await chain.SignInAsync();
        Assert.Equal("ready\n", await admin.GetStringAsync("/readyz", Cancelled));
        between.Instead = S3Interposer.CutAsync;
        await UntilReadyzAsync(admin, HttpStatusCode.ServiceUnavailable);
        between.Instead = _ => Task.FromResult(false);
        await UntilReadyzAsync(admin, HttpStatusCode.OK);
    }

    private static async Task UntilReadyzAsync(HttpClient client, HttpStatusCode wanted)
    {
        using var again = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        while (true)
        {
            using var answer = await client.GetAsync("/readyz", Cancelled);
            if (answer.StatusCode == wanted)
            {
                return;
            }

            await again.WaitForNextTickAsync(Cancelled);
        }
    }

    // The row that says it is damaged is written by a loop of the server's; before that, nothing need be sent again.
    private static async Task UntilHealedAsync(RealChain chain, string image)
    {
        using var admin = await chain.SignInAsync();
        using var again = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        for (var turn = 2; ; turn++)
        {
            Assert.Equal(0, (await chain.AddAsync($"image/{turn}", image)).ExitCode);
            using var answer = await admin.GetAsync("/api/v1/images/file?image=image/1&path=/altered", Cancelled);
            if (answer.IsSuccessStatusCode)
            {
                return;
            }

            await again.WaitForNextTickAsync(Cancelled);
        }
    }

    private static async Task UntilSameAsync(string wanted, string root)
    {
        using var again = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        while (await Independent.TryDescribeAsync(root, Cancelled) != await Independent.DescribeAsync(wanted, Cancelled))
        {
            await again.WaitForNextTickAsync(Cancelled);
        }
    }
}
