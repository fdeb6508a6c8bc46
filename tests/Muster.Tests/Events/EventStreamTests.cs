using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using Muster.Server.Database;
using Muster.Server.Events;
using Muster.Testing;

namespace Muster.Tests.Events;

public sealed class EventStreamTests
{
    [Fact]
    public async Task Events_arrive_numbered_and_a_reader_resumes_after_the_last_it_saw()
    {
        await using var server = await MusterServer.StartAsync();
        using var client = await server.WithTokenAsync("Events.Stream", "Machines.List");
        await using (var stream = await OpenAsync(client, null))
        {
            Assert.Equal(("ready", 0), await stream.NextAsync());
            await AddAsync(server, "machine.changed", "one");
            await AddAsync(server, "machine.changed", "two");
            Assert.Equal(("machine.changed", 1), await stream.NextAsync());
        }

        await using var again = await OpenAsync(client, 1);
        Assert.Equal(("ready", 1), await again.NextAsync());
        Assert.Equal(("machine.changed", 2), await again.NextAsync());
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
        Assert.Equal(("image.added", 2), await stream.NextAsync());
    }

    [Fact]
    public async Task A_number_that_is_not_ours_answers_reset()
    {
        await using var server = await MusterServer.StartAsync();
        using var client = await server.WithTokenAsync("Events.Stream");
        await using var stream = await OpenAsync(client, 17);
        Assert.Equal(("reset", 0), await stream.NextAsync());
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

    private static Task<string?> HolderAsync(MusterServer server) => server.Services.GetRequiredService<SqlDatabase>().ReadAsync(
        sql => sql.FindAsync<string>("SELECT holder FROM leases WHERE name = 'event-numbers'", null, CancellationToken.None), CancellationToken.None);

    private static Task AddAsync(MusterServer server, string kind, string subject) => server.Services.GetRequiredService<SqlDatabase>().WriteAsync(
        async sql =>
        {
            var organisation = await sql.GetAsync<OrganisationId>("SELECT organisation FROM organisations", null, CancellationToken.None);
            await server.Services.GetRequiredService<EventLog>().AddAsync(sql, organisation, kind, subject, new { }, CancellationToken.None);
        },
        CancellationToken.None);

    private static async Task<Stream> OpenAsync(HttpClient client, long? after)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, "/api/v1/events/stream");
        if (after is not null)
        {
            request.Headers.Add("Last-Event-ID", after.Value.ToString(CultureInfo.InvariantCulture));
        }

        var answer = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        answer.EnsureSuccessStatusCode();
        return new Stream(new StreamReader(await answer.Content.ReadAsStreamAsync()));
    }

    private sealed class Stream(StreamReader reader) : IAsyncDisposable
    {
        public async Task<(string Kind, long Number)> NextAsync()
        {
            var number = -1L;
            while (await reader.ReadLineAsync() is { } line)
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
