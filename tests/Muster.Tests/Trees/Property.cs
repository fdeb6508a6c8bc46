using FsCheck;
using FsCheck.Fluent;

namespace Muster.Tests.Trees;

/// <summary>Properties over random things: each case is a seed and a size, and a failing one is shrunk to the smallest size that fails.</summary>
internal static class Property
{
    public static void Holds(int cases, Action<Random, int> check)
    {
        var inputs = Arb.From(
            Gen.Choose(0, int.MaxValue - 1).SelectMany(seed => Gen.Choose(0, 30), (seed, size) => (seed, size)),
            input => Enumerable.Range(0, input.size).Select(size => (input.seed, size)));
        Prop.ForAll(inputs, input => check(new Random(input.seed), input.size)).Check(Cases.Of(cases));
    }
}
