using Muster.Core.Ids;
using Muster.Testing;

namespace Muster.Tests.Ids;

public sealed class IdTests
{
    [Fact]
    public void An_id_made_later_sorts_later_also_while_the_clock_stands_still()
    {
        var time = new MovableTime();
        var made = Enumerable.Range(0, 10_000).Select(_ => Id<EventKind>.New(time)).ToList();
        Assert.Equal(made.Order(), made);
        Assert.Equal(made.OrderBy(id => id.ToString(), StringComparer.Ordinal), made);
    }

    [Fact]
    public void An_id_made_after_the_clock_was_set_back_still_sorts_later()
    {
        var time = new MovableTime();
        var before = Id<EventKind>.New(time);
        time.Advance(TimeSpan.FromDays(-3650));
        Assert.True(Id<EventKind>.New(time) > before);
    }

    [Fact]
    public void An_id_is_a_UUIDv7_of_its_time()
    {
        var time = new MovableTime();
        var value = Id<EventKind>.New(time).Value;
        Assert.Equal(7, value.Version);
        Assert.Equal(0b1000, value.Variant & 0b1100);
        var milliseconds = Convert.ToInt64(value.ToString("N")[..12], 16);
        Assert.Equal(time.GetUtcNow().ToUnixTimeMilliseconds(), milliseconds);
    }

    [Fact]
    public async Task Ids_made_at_once_by_many_threads_are_all_different()
    {
        var made = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() => Enumerable.Range(0, 5_000).Select(_ => Id<EventKind>.New(TimeProvider.System)).ToList())));
        Assert.Equal(40_000, made.SelectMany(some => some).Select(id => id.Value.ToString("N")[..16]).Distinct().Count());
    }
}
