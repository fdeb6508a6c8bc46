using Muster.Protocol.Operations;

namespace Muster.Cli.Showing;

/// <summary>A plan for people: what will happen, what follows from it, and on what it rests.</summary>
internal static class PlanView
{
    public static void Write(StyledWriter to, Plan plan)
    {
        to.Line(plan.Sentence, Style.Strong);
        WriteEffects(to, plan.Effects);
        foreach (var warning in plan.Warnings)
        {
            to.Line();
            to.Text("  ! ", Style.Warning).Line(warning, Style.Warning);
        }

        if (plan.Changes.Count > 0)
        {
            to.Line();
            foreach (var change in plan.Changes)
            {
                WriteChange(to, change);
            }
        }

        to.Line();
        foreach (var basis in plan.Basis)
        {
            to.Line($"  rests on {basis.Object.Kind} {basis.Object.Name}: {Words(basis.Fact)} {basis.Value}", Style.Faint);
        }

        to.Line($"  plan {plan.Hash}, can be applied until {Texts.Time(plan.ExpiresAt)}", Style.Faint);
    }

    private static void WriteEffects(StyledWriter to, IReadOnlyList<PlanEffect> effects)
    {
        if (effects.Count == 0)
        {
            return;
        }

        to.Line();
        var width = effects.Max(effect => effect.Label.Length);
        foreach (var effect in effects)
        {
            var value = effect.Unit switch
            {
                "bytes" => Texts.Bytes(effect.Value),
                null => Texts.Count(effect.Value),
                _ => $"{Texts.Count(effect.Value)} {effect.Unit}",
            };
            to.Line($"  {effect.Label.PadRight(width)}   {value}{(effect.Forecast ? " (forecast)" : "")}");
        }
    }

    private static void WriteChange(StyledWriter to, PlanChange change)
    {
        var (sign, style) = change.Action switch
        {
            PlanAction.Create => ("+ create", Style.Good),
            PlanAction.Change => ("~ change", Style.Busy),
            PlanAction.Delete => ("- delete", Style.Bad),
            _ => ("> run", Style.Busy),
        };
        to.Text("  ").Text(sign, style).Line($" {change.Object.Kind} {change.Object.Name}");
        var width = change.Members.Count == 0 ? 0 : change.Members.Max(member => Words(member.Name).Length);
        foreach (var member in change.Members)
        {
            to.Text($"      {Words(member.Name).PadRight(width)}   ");
            _ = (member.Before, member.After) switch
            {
                (null, null) => to.Text("changes"),
                (null, { } after) => to.Text(after, Style.Good),
                ({ } before, null) => to.Text(before, Style.Bad).Text(" -> nothing"),
                ({ } before, { } after) => to.Text(before, Style.Bad).Text(" -> ").Text(after, Style.Good),
            };
            to.Line();
        }
    }

    // requiredImage is a member; "required image" is how people read it.
    private static string Words(string member) => Running.OperationPath.Dashed(member).Replace('-', ' ');
}
