namespace Muster.Tests.Trees;

public sealed class PropertyTests
{
    [Fact]
    public void The_same_seed_gives_the_same_cases() => Assert.Equal(Seen(), Seen());

    [Fact]
    public void No_two_cases_are_alike() => Assert.Distinct(Seen());

    private static List<int> Seen()
    {
        var seen = new List<int>();
        Property.Holds(20, (random, _) => seen.Add(random.Next()));
        return seen;
    }
}
