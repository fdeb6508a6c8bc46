using Muster.Core.Trees;

namespace Muster.Core.Plans;

/// <summary>Carries out repairs on trees in memory: what a simulated machine does, and what a preview shows.</summary>
public static class TreePatch
{
    /// <summary>The tree after all steps.</summary>
    public static Tree Apply(Tree seen, RepairPlan plan)
    {
        var edit = new TreeEdit(seen);
        foreach (var step in plan.Steps)
        {
            Apply(edit, step);
        }

        return edit.ToTree();
    }

    /// <summary>Carries out one step.</summary>
    public static void Apply(TreeEdit edit, RepairStep step)
    {
        switch (step)
        {
            case RepairStep.MakeDirectory make:
                edit.Put(make.Path, make.Wanted.WithDirectory(TreeDirectory.Empty));
                break;
            case RepairStep.Link link:
                edit.Link(link.Path, link.To);
                break;
            case RepairStep.SetAttributes set:
                edit.SetAttributes(set.Path, set.Wanted);
                break;
            case RepairStep.Remove { Whole: true } or RepairStep.Remove { Seen.Kind: not EntryKind.Directory }:
                edit.Remove(step.Path);
                break;
            case RepairStep.Remove:
                if (edit.IsEmpty(step.Path))
                {
                    edit.Remove(step.Path);
                }

                break;
            case RepairStep.Put put:
                edit.Put(put.Path, put.Wanted);
                break;
            default:
                throw new ArgumentException($"{step.GetType().Name} is not a known step", nameof(step));
        }
    }
}
