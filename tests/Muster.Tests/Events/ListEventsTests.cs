using System.Net.Http.Json;
using Microsoft.Extensions.DependencyInjection;
using Muster.Protocol.Events;
using Muster.Protocol.Operations;
using Muster.Server.Database;
using Muster.Server.Edge;
using Muster.Server.Events;
using Muster.Testing;
using Muster.Tests.Machines;
using Xunit;

namespace Muster.Tests.Events;

public sealed class ListEventsTests : FleetTest
{
    [Fact]
    public async Task What_happened_is_listed_the_newest_first_page_by_page()
    {
        await AddAsync(("machine.changed", "one"), ("machine.drifted", "one"), ("image.added", "two"));
        var first = await GetAsync<Listing<Event>>("events/list?limit=2");
        Assert.Equal(["image.added", "machine.drifted"], first.Items.Select(one => one.Kind));
        Assert.Equal(3, first.Total);
        var last = await GetAsync<Listing<Event>>($"events/list?limit=2&cursor={first.Next}");
        Assert.Equal(("machine.changed", null), (Assert.Single(last.Items).Kind, last.Next));
    }

    [Fact]
    public async Task They_are_narrowed_to_an_object_and_to_kinds_and_counted()
    {
        await AddAsync(("machine.changed", "one"), ("machine.drifted", "one"), ("image.added", "two"), ("machine.changed", "two"));
        Assert.Equal(["machine.drifted", "machine.changed"], await KindsAsync("subject=one"));
        Assert.Equal(["machine.changed"], await KindsAsync("subject=one&kind=machine.changed"));
        Assert.Equal(["machine.changed", "machine.drifted", "machine.changed"], await KindsAsync("kind=machine"));
        Assert.Equal(["image.added"], await KindsAsync("search=ADDED"));
        var counts = (await GetAsync<Listing<Event>>("events/list?counts=kind&kind=image.added&limit=1")).Counts!;
        Assert.Equal(["image.added 1", "machine.changed 2", "machine.drifted 1"], counts.Select(count => $"{count.Value} {count.Count}").Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Progress_is_listed_only_by_name()
    {
        await AddAsync(("machine.progress", "one"), ("task.progress", "two"), ("machine.changed", "one"));
        Assert.Equal(["machine.changed"], await KindsAsync(""));
        Assert.Equal(["machine.progress"], await KindsAsync("kind=machine.progress"));
    }

    [Fact]
    public async Task Who_may_not_list_images_reads_counts_and_finds_none_of_their_events()
    {
        await AddAsync(("machine.changed", "one"), ("image.added", "two"));
        using var client = await Server.WithTokenAsync("Events.List", "Machines.List");
        var listing = (await client.GetFromJsonAsync<Listing<Event>>("/api/v1/events/list?counts=kind", WireJson.Options, Cancellation))!;
        Assert.Equal(("machine.changed", 1L, 1), (Assert.Single(listing.Items).Kind, listing.Total, listing.Counts!.Count));
        Assert.Equal(0, (await client.GetFromJsonAsync<Listing<Event>>("/api/v1/events/list?kind=image", WireJson.Options, Cancellation))!.Total);
        using var none = await Server.WithTokenAsync("Events.List");
        Assert.Equal(0, (await none.GetFromJsonAsync<Listing<Event>>("/api/v1/events/list", WireJson.Options, Cancellation))!.Total);
    }

    private async Task<IEnumerable<string>> KindsAsync(string query) => (await GetAsync<Listing<Event>>("events/list?" + query)).Items.Select(one => one.Kind);

    private Task AddAsync(params (string Kind, string Subject)[] events) => Server.Services.GetRequiredService<SqlDatabase>().WriteAsync(
        async sql =>
        {
            var organisation = await sql.GetAsync<OrganisationId>("SELECT organisation FROM organisations", null, Cancellation);
            foreach (var (kind, subject) in events)
            {
                await Server.Services.GetRequiredService<EventLog>().AddAsync(sql, organisation, kind, subject, new { }, Cancellation);
            }

            await EventStore.NumberAsync(sql, 100, Cancellation);
        },
        Cancellation);
}
