using System.Globalization;
using System.Net.Http.Json;
using Microsoft.Extensions.DependencyInjection;
using Muster.Protocol.Operations;
using Muster.Server.Database;
using Muster.Server.Edge;
using Muster.Server.Events;
using Muster.Testing;
using DeleteToken = Muster.Protocol.Identity.DeleteToken;
using TokenSummary = Muster.Protocol.Identity.TokenSummary;

namespace Muster.Tests.Events;

public sealed class EventStreamTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Events_arrive_numbered_and_a_reader_resumes_after_the_last_it_saw()
    {
        await using var server = await MusterServer.StartAsync();
        using var client = await server.WithTokenAsync("Events.Stream", "Machines.List");
        long first;
        await using (var stream = await OpenAsync(client, null))
        {
            Assert.Equal("ready", (await stream.NextAsync()).Kind);
            await AddAsync(server, "machine.changed", "one");
            await AddAsync(server, "machine.changed", "two");
            (var kind, first) = await stream.NextAsync();
            Assert.Equal("machine.changed", kind);
        }

        await using var again = await OpenAsync(client, first);
        Assert.Equal(("ready", first), await again.NextAsync());
        Assert.Equal(("machine.changed", first + 1), await again.NextAsync());
    }

    [Fact]
    public async Task Who_may_not_list_machines_reads_none_of_their_events()
    {
        await using var server = await MusterServer.StartAsync();
        using var client = await server.WithTokenAsync("Events.Stream", "Images.List");
        await using var stream = await OpenAsync(client, null);
        Assert.Equal("ready", (await stream.NextAsync()).Kind);
        await AddAsync(server, "machine.changed", "one");
        await AddAsync(server, "image.added", "two");
        Assert.Equal("image.added", (await stream.NextAsync()).Kind);
    }

    [Fact]
    public async Task A_number_that_is_not_ours_answers_reset()
    {
        await using var server = await MusterServer.StartAsync();
        using var client = await server.WithTokenAsync("Events.Stream");
        await using var stream = await OpenAsync(client, 17_000);
        Assert.Equal("reset", (await stream.NextAsync()).Kind);
    }

    [Fact]
    public async Task A_server_that_stops_leaves_the_numbering_to_the_next_one_at_once()
    {
        using var folder = new TemporaryFolder();
        string? before;
        await using (var server = await MusterServer.StartAsync(folder.Path))
        {
            using var client = await server.WithTokenAsync("Events.Stream", "Machines.List");
            await using var stream = await OpenAsync(client, null);
            await AddAsync(server, "machine.changed", "one");
            await stream.NextAsync();
            await stream.NextAsync();
            before = await HolderAsync(server);
            Assert.NotNull(before);
        }

        await using var next = await MusterServer.StartAsync(folder.Path);
        Assert.NotEqual(before, await HolderAsync(next));
    }

    private static Task<string?> HolderAsync(MusterServer server) =>
        Database(server).ReadAsync(sql => sql.FindAsync<string>("SELECT holder FROM leases WHERE name = 'event-numbers'", null, Cancellation), Cancellation);

    [Fact]
    public async Task A_number_that_is_forgotten_answers_reset_and_the_next_one_does_not()
    {
        await using var server = await MusterServer.StartAsync();
        using var client = await server.WithTokenAsync("Events.Stream");
        await Database(server).WriteAsync(sql => sql.ExecuteAsync("UPDATE event_numbers SET newest = 900, forgotten = 500", null, Cancellation), Cancellation);
        await using var old = await OpenAsync(client, 499);
        Assert.Equal("reset", (await old.NextAsync()).Kind);
        await using var good = await OpenAsync(client, 500);
        Assert.Equal(("ready", 500), await good.NextAsync());
    }

    [Fact]
    public async Task A_change_that_did_not_happen_leaves_no_event()
    {
        await using var server = await MusterServer.StartAsync();
        var before = await CountAsync();
        await Assert.ThrowsAsync<InvalidOperationException>(() => Database(server).WriteAsync(
            async sql =>
            {
                await AddAsync(server, sql, "machine.changed", "one");
                throw new InvalidOperationException("changed its mind");
            },
            Cancellation));
        Assert.Equal(before, await CountAsync());
        Task<long> CountAsync() => Database(server).ReadAsync(sql => sql.GetAsync<long>("SELECT count(*) FROM events", null, Cancellation), Cancellation);
    }

    [Theory]
    [InlineData("UPDATE tokens SET expires = 1")]
    [InlineData("DELETE FROM tokens")]
    [InlineData("UPDATE tokens SET operations = 'Machines.List'")]
    [InlineData("DELETE FROM grants")]
    public async Task A_reader_who_may_no_longer_read_is_cut_off_in_good_order(string end)
    {
        var time = new MovableTime();
        await using var server = await MusterServer.StartAsync(time: time);
        using var client = await server.WithTokenAsync("Events.Stream");
        await using var stream = await OpenAsync(client, null);
        Assert.Equal("ready", (await stream.NextAsync()).Kind);

        await Database(server).WriteAsync(sql => sql.ExecuteAsync(end, null, Cancellation), Cancellation);

        // A broken connection would be another exception.
        var ended = Assert.ThrowsAsync<EndOfStreamException>(stream.NextAsync);
        while (!ended.IsCompleted)
        {
            time.Advance(TimeSpan.FromSeconds(1));
            await Task.Yield();
        }

        await ended;
    }

    [Fact]
    public async Task Tokens_and_passwords_leave_events_without_what_is_secret_of_them()
    {
        await using var server = await MusterServer.StartAsync();
        var token = await server.MakeTokenAsync("Events.Stream");
        using var admin = await server.SignInAsync();
        (await admin.PostAsJsonAsync("/api/v1/tokens/delete", new DeleteToken((await admin.GetFromJsonAsync<Listing<TokenSummary>>("/api/v1/tokens/list", WireJson.Options, Cancellation))!.Items[0].Id.ToString()), WireJson.Options, Cancellation)).EnsureSuccessStatusCode();

        var events = await Database(server).ReadAsync(sql => sql.QueryAsync<string>("SELECT kind || ' ' || data FROM events ORDER BY id", null, Cancellation), Cancellation);

        Assert.Equal(["user.password-changed", "token.added", "token.deleted"], events.Select(one => one.Split(' ')[0]));
        Assert.All(events, one => Assert.Contains("\"by\":\"admin\"", one, StringComparison.Ordinal));
        Assert.DoesNotContain(events, one => one.Contains(token, StringComparison.Ordinal) || one.Contains(MusterServer.AdminPassword, StringComparison.Ordinal));
    }

    private static SqlDatabase Database(MusterServer server) => server.Services.GetRequiredService<SqlDatabase>();

    private static Task AddAsync(MusterServer server, string kind, string subject) =>
        Database(server).WriteAsync(sql => AddAsync(server, sql, kind, subject), Cancellation);

    private static async Task AddAsync(MusterServer server, WriteSql sql, string kind, string subject)
    {
        var organisation = await sql.GetAsync<OrganisationId>("SELECT organisation FROM organisations", null, Cancellation);
        await server.Services.GetRequiredService<EventLog>().AddAsync(sql, organisation, kind, subject, new { }, Cancellation);
    }

    private static async Task<Stream> OpenAsync(HttpClient client, long? after)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, "/api/v1/events/stream");
        if (after is not null)
        {
            request.Headers.Add("Last-Event-ID", after.Value.ToString(CultureInfo.InvariantCulture));
        }

        var answer = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Cancellation);
        answer.EnsureSuccessStatusCode();
        return new Stream(new StreamReader(await answer.Content.ReadAsStreamAsync(Cancellation)));
    }

    private sealed class Stream(StreamReader reader) : IAsyncDisposable
    {
        public async Task<(string Kind, long Number)> NextAsync()
        {
            var number = -1L;
            while (await reader.ReadLineAsync(Cancellation) is { } line)
            {
                if (line.StartsWith("id: ", StringComparison.Ordinal))
                {
                    number = long.Parse(line[4..], CultureInfo.InvariantCulture);
                }
                else if (line.StartsWith("event: ", StringComparison.Ordinal))
                {
                    return (line[7..], number);
                }
            }

            throw new EndOfStreamException("the stream ended");
        }

        public ValueTask DisposeAsync()
        {
            reader.Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
