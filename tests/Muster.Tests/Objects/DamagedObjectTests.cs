using System.Net;
using System.Net.Http.Json;
using System.Security.Cryptography;
using Muster.Core.Objects;
using Muster.Protocol.Edge;
using Muster.Protocol.Objects;
using Muster.Server.Edge;
using Muster.Testing;
using Xunit;

namespace Muster.Tests.Objects;

/// <summary>What lies in the store can rot in any byte of it: none of it is given out, and sending it again heals it.</summary>
public sealed class DamagedObjectTests : IAsyncLifetime
{
    private const int Large = 9 << 20;

    private MusterServer server = null!;
    private HttpClient admin = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        server = await MusterServer.StartAsync();
        admin = await server.SignInAsync();
    }

    public async ValueTask DisposeAsync()
    {
        admin.Dispose();
        await server.DisposeAsync();
    }

    [Theory]
    [InlineData("magic", 0)]
    [InlineData("version", 4)]
    [InlineData("encoding", 5)]
    [InlineData("length", 8)]
    [InlineData("high byte of the length", 14)]
    [InlineData("sign of the length", 15)]
    [InlineData("first byte", 16)]
    [InlineData("last byte", -1)]
    public async Task A_wrong_byte_anywhere_is_found_whatever_the_size_and_the_form(string _, int at)
    {
        foreach (var (length, compressible) in new[] { (100, false), (5000, true), (Large, false), (Large, true) })
        {
            await RequireFoundAndHealedAsync(Content(length, compressible), bytes =>
            {
                bytes[at < 0 ? bytes.Length - 1 : at] ^= (byte)(at == 5 ? 1 : 0x81);
                return bytes;
            });
        }
    }

    [Fact]
    public async Task An_object_that_became_shorter_or_longer_is_found()
    {
        foreach (var length in new[] { 5000, Large })
        {
            await RequireFoundAndHealedAsync(Content(length, false), bytes => bytes[..^1]);
            await RequireFoundAndHealedAsync(Content(length, true), bytes => [.. bytes, 0]);
            await RequireFoundAndHealedAsync(Content(length, true), bytes => bytes[..7]);
            await RequireFoundAndHealedAsync(Content(length, true), _ => []);
        }
    }

    [Theory]
    [InlineData(ObjectKind.Directory)]
    [InlineData(ObjectKind.Tree)]
    [InlineData(ObjectKind.Image)]
    public async Task What_names_other_objects_is_checked_like_any(ObjectKind kind)
    {
        var small = SmallImage.With("welcome");
        var bytes = kind switch { ObjectKind.Directory => small.Directory, ObjectKind.Tree => small.Tree, _ => small.Image };
        (await admin.PostAsync("/api/v1/objects/add", small.Batch, Cancellation)).EnsureSuccessStatusCode();
        var reference = new ObjectReference(kind, Digest.Of(bytes));
        await ChangeAsync(reference, stored => { stored[^1] ^= 1; return stored; });

        await RequireRefusedAsync(reference);
        await UntilLackedAsync(reference);
        (await admin.PostAsync("/api/v1/objects/add", small.Batch, Cancellation)).EnsureSuccessStatusCode();
        Assert.Equal(bytes, await GetAsync(reference));
    }

    [Fact]
    public async Task An_object_that_cannot_be_read_is_unavailable_and_stays_where_it_is()
    {
        var content = Content(100, false);
        var reference = await AddAsync(content);
        var path = PathOf(reference);
        File.Delete(path);
        Directory.CreateDirectory(path);

        var answer = await admin.GetAsync($"/api/v1/objects/get?object={reference}", Cancellation);

        Assert.Equal((HttpStatusCode.ServiceUnavailable, "object.unreadable"), (answer.StatusCode, await CodeAsync(answer)));
        Assert.True(Directory.Exists(path));
    }

    private static byte[] Content(int length, bool compressible) =>
        compressible ? [.. Enumerable.Range(0, length).Select(index => (byte)"muster "[index / 3 % 7])] : RandomNumberGenerator.GetBytes(length);

    private async Task RequireFoundAndHealedAsync(byte[] content, Func<byte[], byte[]> damage)
    {
        var reference = await AddAsync(content);
        await ChangeAsync(reference, damage);

        await RequireRefusedAsync(reference);
        Assert.False(File.Exists(PathOf(reference)));
        Assert.NotEmpty(Directory.EnumerateFiles(Path.Combine(server.DataDirectory, "objects", "quarantine"), $"file-{reference.Digest}-*"));
        await UntilLackedAsync(reference);
        await AddAsync(content);
        Assert.Equal(content, await GetAsync(reference));
    }

    private async Task RequireRefusedAsync(ObjectReference reference)
    {
        var answer = await admin.GetAsync($"/api/v1/objects/get?object={reference}", Cancellation);
        Assert.Equal((HttpStatusCode.ServiceUnavailable, "object.damaged"), (answer.StatusCode, await CodeAsync(answer)));
    }

    private async Task UntilLackedAsync(ObjectReference reference)
    {
        // The row is written by a loop of the server's.
        using var again = new PeriodicTimer(TimeSpan.FromMilliseconds(10));
        var question = new Muster.Protocol.Objects.CheckObjects([reference.ToString()]);
        while ((await (await admin.PostAsJsonAsync("/api/v1/objects/check", question, WireJson.Options, Cancellation)).Content.ReadFromJsonAsync<LackedObjects>(WireJson.Options, Cancellation))!.Lacked.Count == 0)
        {
            await again.WaitForNextTickAsync(Cancellation);
        }
    }

    private async Task<ObjectReference> AddAsync(byte[] content)
    {
        var reference = new ObjectReference(ObjectKind.File, Digest.Of(content));
        var answer = content.Length < Large
            ? await admin.PostAsync("/api/v1/objects/add", ObjectBatch.Of((ObjectKind.File, content)), Cancellation)
            : await admin.PostAsync($"/api/v1/objects/part?object={reference}&length={content.Length}&offset=0", new ByteArrayContent(content), Cancellation);
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync(Cancellation));
        return reference;
    }

    private async Task ChangeAsync(ObjectReference reference, Func<byte[], byte[]> change) =>
        await File.WriteAllBytesAsync(PathOf(reference), change(await File.ReadAllBytesAsync(PathOf(reference), Cancellation)), Cancellation);

    private Task<byte[]> GetAsync(ObjectReference reference) => admin.GetByteArrayAsync($"/api/v1/objects/get?object={reference}", Cancellation);

    private static async Task<string> CodeAsync(HttpResponseMessage answer) => (await answer.Content.ReadFromJsonAsync<Problem>(WireJson.Options, Cancellation))!.Code;

    private string PathOf(ObjectReference reference)
    {
        var digest = reference.Digest.ToString();
        return Path.Combine(server.DataDirectory, "objects", reference.Kind.ToString().ToLowerInvariant(), digest[..2], digest);
    }
}
