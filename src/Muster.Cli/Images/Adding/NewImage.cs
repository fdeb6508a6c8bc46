using Muster.Core.Filters;
using Muster.Core.Images;
using Muster.Core.Problems;
using Muster.Core.Trees;
using Muster.Protocol.Images;

namespace Muster.Cli.Images.Adding;

/// <summary>What a person wants to become an image.</summary>
/// <param name="Filter">Its lines; null for a sparse image.</param>
internal sealed record NewImage(string Name, string From, string? Filter, IReadOnlyList<KeyValuePair<string, string>> Metadata)
{
    /// <summary>All that can be seen to be wrong before anything is read or sent.</summary>
    public void Check()
    {
        var faults = new Faults();
        ImageName.Check(faults, "name", Name);
        faults.Require(From == "-" || Directory.Exists(From) || File.Exists(From), "from", $"there is no directory or archive '{From}'");
        if (Filter is not null)
        {
            try
            {
                TreeFilter.Parse(Filter);
            }
            catch (ProblemException e)
            {
                foreach (var fault in e.Faults)
                {
                    faults.Add("filter", fault.Message);
                }

                faults.Require(e.Faults.Count > 0, "filter", e.Message);
            }
        }

        faults.ThrowIfAny();
    }

    public TreeFilter Manages() => Filter is null ? TreeFilter.Everything : TreeFilter.Parse(Filter);

    public Image Make(Tree tree) => new(tree.Digest, Filter, "", Metadata);
}
