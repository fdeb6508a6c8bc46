using Muster.Core.Problems;
using Muster.Protocol.Edge;
using Muster.Protocol.Operations;

namespace Muster.Server.Operations;

/// <summary>The world moved between plan and apply.</summary>
internal sealed class StalePlanException : Exception
{
    public StalePlanException(Plan planned, PlanDraft now)
        : this(planned, Compare(planned, now), null)
    {
    }

    public StalePlanException(Plan planned, ProblemException refusal)
        : this(planned, [new MovedFact("plan", planned.Sentence, refusal.Message)], refusal)
    {
    }

    private StalePlanException(Plan planned, IReadOnlyList<MovedFact> moved, Exception? cause)
        : base($"the plan '{planned.Sentence}' no longer fits: plan again", cause) => Moved = moved;

    public IReadOnlyList<MovedFact> Moved { get; }

    private static List<MovedFact> Compare(Plan planned, PlanDraft now)
    {
        var before = ByName(planned.Basis);
        var after = ByName(now.Basis);
        var moved = before.Keys.Union(after.Keys)
            .Where(what => before.GetValueOrDefault(what) != after.GetValueOrDefault(what))
            .Select(what => new MovedFact(what, before.GetValueOrDefault(what), after.GetValueOrDefault(what)))
            .ToList();
        if (moved.Count == 0)
        {
            moved.Add(new MovedFact("changes", planned.Sentence, now.Sentence));
        }

        return moved;
    }

    private static Dictionary<string, string> ByName(IReadOnlyList<PlanBasis> basis) => basis
        .GroupBy(fact => $"{fact.Object.Kind} {fact.Object.Name} {fact.Fact}")
        .ToDictionary(facts => facts.Key, facts => string.Join(", ", facts.Select(fact => fact.Value)));
}
