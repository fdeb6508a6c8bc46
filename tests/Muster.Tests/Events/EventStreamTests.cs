using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using Muster.Server.Database;
using Muster.Server.Events;
using Muster.Testing;

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

    private static Task AddAsync(MusterServer server, string kind, string subject) => server.Services.GetRequiredService<SqlDatabase>().WriteAsync(
        async sql =>
        {
            var organisation = await sql.GetAsync<OrganisationId>("SELECT organisation FROM organisations", null, Cancellation);
            await server.Services.GetRequiredService<EventLog>().AddAsync(sql, organisation, kind, subject, new { }, Cancellation);
        },
        Cancellation);

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
