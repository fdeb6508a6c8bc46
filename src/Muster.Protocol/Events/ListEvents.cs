using Muster.Core.Problems;
using Muster.Protocol.Operations;

namespace Muster.Protocol.Events;

/// <summary>Events.List: what happened, the newest first, as far back as events are kept.</summary>
public sealed record ListEvents : CountedListArguments
{
    /// <summary>Only about this object, by its id.</summary>
    public string? Subject { get; init; }

    /// <summary>
    /// Only of these kinds (comma-separated): <c>machine.drifted</c>, or <c>machine</c> for all about machines. Without it everything
    /// but <c>machine.progress</c> and <c>task.progress</c>, of which there are many while something works.
    /// </summary>
    public string? Kind { get; init; }

    /// <inheritdoc/>
    public override void Validate(Faults faults)
    {
        base.Validate(faults);
        faults.Require(Subject is null or { Length: > 0 and <= 100 }, "subject", "the id of an object");
        faults.Require(
            (Kind ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).All(kind => kind.All(c => char.IsAsciiLetter(c) || c == '.')),
            "kind",
            "kinds such as machine.drifted, or nouns such as machine");
    }
}
