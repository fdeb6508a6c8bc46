using System.IO.Pipelines;
using System.Net;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Muster.Core.Objects;
using Muster.Core.Trees;
using Muster.Protocol.Edge;
using Muster.Protocol.Objects;
using Muster.Server.Database;
using Muster.Server.Edge;
using Muster.Server.Objects;
using Muster.Testing;
using Xunit;

namespace Muster.Tests.Objects;

public sealed class AddObjectsTests : IAsyncLifetime
{
    private readonly TemporaryFolder folder = new();
    private MusterServer server = null!;
    private HttpClient admin = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        server = await MusterServer.StartAsync(folder.Under("data"));
        admin = await server.SignInAsync();
    }

    public async ValueTask DisposeAsync()
    {
        admin.Dispose();
        await server.DisposeAsync();
        folder.Dispose();
    }

    [Fact]
    public async Task What_was_added_is_not_lacked_any_more_and_comes_back_byte_for_byte()
    {
        var small = SmallImage.With(string.Concat(Enumerable.Repeat("welcome\n", 1000)));
        Assert.Equal(4, (await CheckAsync(small)).Count);

        var added = await AddAsync(small.Batch);

        Assert.Equal(4, added.Stored);
        Assert.Empty(await CheckAsync(small));
        Assert.Equal(small.File, await admin.GetByteArrayAsync($"/api/v1/objects/get?object=file:{Digest.Of(small.File)}", Cancellation));
        Assert.Equal(0, (await AddAsync(small.Batch)).Stored);
    }

    [Fact]
    public async Task Bytes_that_are_not_what_their_name_says_are_refused_and_nothing_of_the_batch_is_kept()
    {
        var good = RandomNumberGenerator.GetBytes(5000);
        var batch = new ObjectBatch().Add(ObjectKind.File, good).Add(ObjectKind.File, RandomNumberGenerator.GetBytes(10), claimed: Digest.Of("other"u8));

        Assert.Equal("object.digest", await RefusedAsync(batch.ToContent(), HttpStatusCode.BadRequest));
        Assert.Single(await CheckAsync(new ObjectReference(ObjectKind.File, Digest.Of(good))));
    }

    [Fact]
    public async Task A_directory_is_taken_only_when_everything_it_names_is_there()
    {
        var small = SmallImage.With("welcome");

        Assert.Equal("object.incomplete", await RefusedAsync(ObjectBatch.Of((ObjectKind.Directory, small.Directory)), HttpStatusCode.Conflict));
        await AddAsync(ObjectBatch.Of((ObjectKind.File, small.File)));
        Assert.Equal(1, (await AddAsync(ObjectBatch.Of((ObjectKind.Directory, small.Directory)))).Stored);
    }

    [Fact]
    public async Task A_directory_that_lies_about_the_length_of_a_file_is_refused()
    {
        var file = "12345"u8.ToArray();
        var directory = new TreeDirectory([new TreeEntry { Name = "f"u8.ToArray(), Kind = EntryKind.File, Size = 6, Content = Digest.Of(file) }]);
        Assert.Equal("object.length", await RefusedAsync(ObjectBatch.Of((ObjectKind.File, file), (ObjectKind.Directory, TreeFormat.Encode(directory))), HttpStatusCode.BadRequest));
    }

    [Fact]
    public async Task Compressed_bytes_that_unfold_to_more_than_they_promise_are_refused()
    {
        var bomb = new byte[4 << 20];
        var compressed = new byte[Muster.Files.Zstd.MostCompressed(bomb.Length)];
        var length = Muster.Files.Zstd.TryCompress(bomb, compressed)!.Value;
        var header = new ByteWriter();
        new BatchHeader(new ObjectReference(ObjectKind.File, Digest.Of(bomb)), ObjectEncoding.Zstd, 100, length).Write(header);

        var batch = new ObjectBatch().Raw(header.Written).Raw(compressed.AsSpan(0, length));

        Assert.Equal("object.digest", await RefusedAsync(batch.ToContent(), HttpStatusCode.BadRequest));
    }

    [Fact]
    public async Task A_length_beyond_the_limit_is_refused_before_any_memory_is_taken()
    {
        var header = new ByteWriter();
        new BatchHeader(new ObjectReference(ObjectKind.File, Digest.Of("x"u8)), ObjectEncoding.Zstd, long.MaxValue, 10).Write(header);
        Assert.Equal("object.too-large", await RefusedAsync(new ObjectBatch().Raw(header.Written).ToContent(), HttpStatusCode.RequestEntityTooLarge));
    }

    [Fact]
    public async Task A_directory_beyond_the_limit_is_refused_without_advice_for_files()
    {
        var header = new ByteWriter();
        new BatchHeader(new ObjectReference(ObjectKind.Directory, Digest.Of("x"u8)), ObjectEncoding.Zstd, ObjectLimits.Structure + 1, 10).Write(header);
        var answer = await admin.PostAsync("/api/v1/objects/add", new ObjectBatch().Raw(header.Written).ToContent(), Cancellation);
        var problem = (await answer.Content.ReadFromJsonAsync<Problem>(WireJson.Options, Cancellation))!;
        Assert.Equal("object.too-large", problem.Code);
        Assert.DoesNotContain("Objects.Part", problem.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_batch_that_ends_too_early_is_refused()
    {
        var whole = await ObjectBatch.Of((ObjectKind.File, RandomNumberGenerator.GetBytes(100))).ReadAsByteArrayAsync(Cancellation);
        foreach (var length in new[] { 1, 33, 36, 50, whole.Length - 1 })
        {
            Assert.Equal("format.invalid", await RefusedAsync(new ByteArrayContent(whole[..length]), HttpStatusCode.BadRequest));
        }
    }

    [Fact]
    public async Task A_damaged_object_is_moved_aside_and_sending_it_again_heals_it()
    {
        var small = SmallImage.With("welcome to the machine");
        await AddAsync(small.Batch);
        var digest = Digest.Of(small.File).ToString();
        var path = Path.Combine(server.DataDirectory, "objects", "file", digest[..2], digest);
        var bytes = await File.ReadAllBytesAsync(path, Cancellation);
        bytes[^1] ^= 1;
        await File.WriteAllBytesAsync(path, bytes, Cancellation);

        var answer = await admin.GetAsync($"/api/v1/objects/get?object=file:{digest}", Cancellation);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
        Assert.Equal("object.damaged", (await answer.Content.ReadFromJsonAsync<Problem>(WireJson.Options, Cancellation))!.Code);
        Assert.False(File.Exists(path));
        using var again = new PeriodicTimer(TimeSpan.FromMilliseconds(10));
        while ((await CheckAsync(small)).Count < 4)
        {
            await again.WaitForNextTickAsync(Cancellation);
        }

        await AddAsync(small.Batch);

        Assert.Empty(await CheckAsync(small));
        Assert.Equal(small.File, await admin.GetByteArrayAsync($"/api/v1/objects/get?object=file:{digest}", Cancellation));
    }

    [Fact]
    public async Task A_large_file_goes_on_where_it_stopped_also_after_a_restart_of_the_server()
    {
        var content = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Range(0, 300_000).Select(number => $"{number}\n")));
        var part = $"/api/v1/objects/part?object=file:{Digest.Of(content)}&length={content.Length}";
        Assert.Equal(new ObjectPart(1000, false), await PostPartAsync(part + "&offset=0", content[..1000]));

        await RestartAsync();

        Assert.Equal(new ObjectPart(1000, false), await PostPartAsync(part, []));
        var answer = await admin.PostAsync(part + "&offset=5", new ByteArrayContent([1]), Cancellation);
        Assert.Equal(HttpStatusCode.Conflict, answer.StatusCode);
        Assert.Equal(new ObjectPart(content.Length, true), await PostPartAsync(part + "&offset=1000", content[1000..]));
        Assert.Equal(content, await admin.GetByteArrayAsync($"/api/v1/objects/get?object=file:{Digest.Of(content)}", Cancellation));
    }

    [Fact]
    public async Task Pieces_travel_compressed_and_what_does_not_shrink_is_kept_plain()
    {
        foreach (var (content, shrinks) in new[] { (new byte[3 << 20], true), (RandomNumberGenerator.GetBytes(3 << 20), false) })
        {
            var part = $"/api/v1/objects/part?object=file:{Digest.Of(content)}&length={content.Length}";
            Assert.Equal(new ObjectPart(1 << 20, false), await PostPartAsync(part + "&offset=0", Frame(content.AsSpan(0, 1 << 20)), "zstd"));
            Assert.Equal(new ObjectPart(content.Length, true), await PostPartAsync(part + $"&offset={1 << 20}", [.. Frame(content.AsSpan(1 << 20, 1 << 20)), .. Frame(content.AsSpan(2 << 20))], "zstd"));

            Assert.Equal(content, await admin.GetByteArrayAsync($"/api/v1/objects/get?object=file:{Digest.Of(content)}", Cancellation));
            var digest = Digest.Of(content).ToString();
            Assert.Equal(shrinks, new FileInfo(Path.Combine(server.DataDirectory, "objects", "file", digest[..2], digest)).Length < content.Length);
        }

        static byte[] Frame(ReadOnlySpan<byte> content)
        {
            var frame = new byte[Muster.Files.Zstd.MostCompressed(content.Length)];
            return frame[..Muster.Files.Zstd.TryCompress(content, frame)!.Value];
        }
    }

    [Fact]
    public async Task Zeros_of_a_large_file_take_no_room_while_it_arrives()
    {
        var part = $"/api/v1/objects/part?object=file:{Digest.Of("x"u8)}&length={100 << 20}";
        Assert.Equal(new ObjectPart(16 << 20, false), await PostPartAsync(part + "&offset=0", new byte[16 << 20]));

        var path = Assert.Single(Directory.EnumerateFiles(Path.Combine(server.DataDirectory, "objects", "parts"), "*", SearchOption.AllDirectories));
        var blocks = await Command.RunAsync("stat", ["--printf", "%b", path], Cancellation);
        Assert.InRange(int.Parse(blocks, System.Globalization.CultureInfo.InvariantCulture), 0, 1 << 10);
    }

    [Fact]
    public async Task What_another_organisation_has_is_lacked_until_the_bytes_are_sent()
    {
        var small = SmallImage.With("theirs");
        var other = OrganisationId.New(TimeProvider.System);
        await server.Services.GetRequiredService<SqlDatabase>().WriteAsync(
            sql => sql.ExecuteAsync("INSERT INTO organisations (organisation, name, created) VALUES (@other, 'other', 0)", new { other }, Cancellation), Cancellation);
        await server.Services.GetRequiredService<ObjectIntake>().AddAsync(other, PipeReader.Create(await small.Batch.ReadAsStreamAsync(Cancellation)), Cancellation);

        Assert.Equal(4, (await CheckAsync(small)).Count);
        var got = await admin.GetAsync($"/api/v1/objects/get?object=file:{Digest.Of(small.File)}", Cancellation);
        Assert.Equal(HttpStatusCode.NotFound, got.StatusCode);
        Assert.Equal("object.incomplete", await RefusedAsync(ObjectBatch.Of((ObjectKind.Directory, small.Directory)), HttpStatusCode.Conflict));
        Assert.Equal(4, (await AddAsync(small.Batch)).Stored);
    }

    [Fact]
    public async Task Damage_to_what_only_another_organisation_has_costs_nobody_else_a_question()
    {
        var (theirs, mine) = (SmallImage.With("theirs"), SmallImage.With("mine"));
        var (other, database) = (OrganisationId.New(TimeProvider.System), server.Services.GetRequiredService<SqlDatabase>());
        await database.WriteAsync(sql => sql.ExecuteAsync("INSERT INTO organisations (organisation, name, created) VALUES (@other, 'other', 0)", new { other }, Cancellation), Cancellation);
        await server.Services.GetRequiredService<ObjectIntake>().AddAsync(other, PipeReader.Create(await theirs.Batch.ReadAsStreamAsync(Cancellation)), Cancellation);
        await AddAsync(mine.Batch);
        var digest = Digest.Of(theirs.File);
        File.Delete(Path.Combine(server.DataDirectory, "objects", "file", digest.ToString()[..2], digest.ToString()));
        await Assert.ThrowsAsync<Core.Problems.ProblemException>(() => server.Services.GetRequiredService<VerifiedObjects>().OpenAsync(new(ObjectKind.File, digest), Cancellation));
        using var again = new PeriodicTimer(TimeSpan.FromMilliseconds(10));
        while (!await database.ReadAsync(sql => OrganisationObjects.AnyDamagedAsync(sql, other, Cancellation), Cancellation))
        {
            await again.WaitForNextTickAsync(Cancellation);
        }

        Assert.Empty(await CheckAsync(mine));
    }

    [Fact]
    public async Task A_large_file_that_is_not_what_its_name_says_begins_again()
    {
        var part = $"/api/v1/objects/part?object=file:{Digest.Of("wanted"u8)}&length=5";
        var answer = await admin.PostAsync(part + "&offset=0", new ByteArrayContent("other"u8.ToArray()), Cancellation);
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Equal(new ObjectPart(0, false), await PostPartAsync(part, []));
    }

    private async Task RestartAsync()
    {
        await server.DisposeAsync();
        server = await MusterServer.StartAsync(server.DataDirectory);
        admin.Dispose();
        admin = await server.SignInAsync();
    }

    private async Task<ObjectPart> PostPartAsync(string address, byte[] bytes, string? encoding = null)
    {
        using var body = new ByteArrayContent(bytes);
        if (encoding is not null)
        {
            body.Headers.ContentEncoding.Add(encoding);
        }

        var answer = await admin.PostAsync(address, body, Cancellation);
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync(Cancellation));
        return (await answer.Content.ReadFromJsonAsync<ObjectPart>(WireJson.Options, Cancellation))!;
    }

    private async Task<AddedObjects> AddAsync(HttpContent batch)
    {
        var answer = await admin.PostAsync("/api/v1/objects/add", batch, Cancellation);
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync(Cancellation));
        return (await answer.Content.ReadFromJsonAsync<AddedObjects>(WireJson.Options, Cancellation))!;
    }

    private async Task<string> RefusedAsync(HttpContent batch, HttpStatusCode status)
    {
        var answer = await admin.PostAsync("/api/v1/objects/add", batch, Cancellation);
        Assert.Equal(status, answer.StatusCode);
        return (await answer.Content.ReadFromJsonAsync<Problem>(WireJson.Options, Cancellation))!.Code;
    }

    private Task<IReadOnlyList<string>> CheckAsync(SmallImage small) => CheckAsync(
        new(ObjectKind.Image, small.Digest), new(ObjectKind.Tree, Digest.Of(small.Tree)), new(ObjectKind.Directory, Digest.Of(small.Directory)), new(ObjectKind.File, Digest.Of(small.File)));

    private async Task<IReadOnlyList<string>> CheckAsync(params ObjectReference[] references)
    {
        var answer = await admin.PostAsJsonAsync("/api/v1/objects/check", new Muster.Protocol.Objects.CheckObjects([.. references.Select(one => one.ToString())]), WireJson.Options, Cancellation);
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync(Cancellation));
        return (await answer.Content.ReadFromJsonAsync<LackedObjects>(WireJson.Options, Cancellation))!.Lacked;
    }
}
