using System.Collections.Concurrent;
using Muster.Core.Objects;
using Muster.Core.Problems;
using Muster.Core.Trees;
using Muster.Server.Database;
using Muster.Server.Objects;

namespace Muster.Server.Compliance;

/// <summary>
/// The trees that machines report. Of a tree only those directories are asked for that the organisation neither sent itself nor
/// another machine showed: mostly the few on the way to what differs.
/// </summary>
internal sealed class SeenTrees(SqlDatabase database, Trees trees)
{
    public const long MostEntries = 2_000_000;

    private const int MostAsked = 10_000;
    private const int MostKnown = 200_000;

    // Directories that are here with everything below them.
    private readonly ConcurrentDictionary<(OrganisationId Organisation, Digest Directory), bool> complete = new();

    /// <summary>What is lacked of a reported tree, the top first; empty when it is here whole.</summary>
    public async Task<IReadOnlyList<ObjectReference>> FindLackedAsync(OrganisationId organisation, Digest tree, CancellationToken cancellationToken)
    {
        var reference = new ObjectReference(ObjectKind.Tree, tree);
        var (granted, seen) = await FindAsync(organisation, [reference], cancellationToken);
        if (granted.Contains(reference))
        {
            return [];
        }

        if (!seen.Contains(reference))
        {
            return [reference];
        }

        var lacked = new List<ObjectReference>();
        var visited = new HashSet<ObjectReference>();
        long entries = 0;
        var level = new HashSet<ObjectReference> { new(ObjectKind.Directory, (await trees.ReadTreeAsync(tree, cancellationToken)).Root.Content) };
        for (var depth = 0; level.Count > 0 && lacked.Count < MostAsked; depth++)
        {
            Require(depth <= TreeFormat.MaxDepth, $"is deeper than {TreeFormat.MaxDepth} directories");
            (granted, seen) = await FindAsync(organisation, level, cancellationToken);
            lacked.AddRange(level.Where(one => !seen.Contains(one)).Take(MostAsked - lacked.Count));
            var below = new HashSet<ObjectReference>();
            foreach (var directory in level.Where(one => seen.Contains(one) && !granted.Contains(one) && visited.Add(one)))
            {
                var read = await trees.ReadDirectoryAsync(directory.Digest, cancellationToken);
                entries += read.Entries.Length;
                Require(entries <= MostEntries, $"has more than {MostEntries} entries");
                below.UnionWith(ObjectChildren.Of(read).Select(child => child.Reference).Where(child => child.Kind == ObjectKind.Directory && !complete.ContainsKey((organisation, child.Digest))));
            }

            level = below;
        }

        if (lacked.Count == 0)
        {
            Remember(organisation, visited);
        }

        return lacked;
    }

    private static void Require(bool good, string why)
    {
        if (!good)
        {
            throw new ProblemException(ProblemKind.TooLarge, "tree.too-large", $"the reported tree {why}");
        }
    }

    private void Remember(OrganisationId organisation, HashSet<ObjectReference> directories)
    {
        if (complete.Count + directories.Count > MostKnown)
        {
            complete.Clear();
        }

        foreach (var directory in directories.Take(MostKnown))
        {
            complete[(organisation, directory.Digest)] = true;
        }
    }

    private Task<(HashSet<ObjectReference> Granted, HashSet<ObjectReference> Seen)> FindAsync(OrganisationId organisation, IReadOnlyCollection<ObjectReference> wanted, CancellationToken cancellationToken) =>
        database.ReadAsync(
            async sql => (
                (await OrganisationObjects.FindAsync(sql, organisation, wanted, cancellationToken)).Keys.ToHashSet(),
                (await OrganisationObjects.FindSeenAsync(sql, organisation, wanted, cancellationToken)).Keys.ToHashSet()),
            cancellationToken);
}
