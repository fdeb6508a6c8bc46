using System.Buffers;
using System.Text.RegularExpressions;
using Muster.Core.Objects;
using Muster.Core.Trees;

namespace Muster.Core.Filters;

/// <summary>What a filter says of everything strictly below a directory.</summary>
public enum FilterReach
{
    /// <summary>Nothing below can be managed: it need not be entered.</summary>
    None,

    /// <summary>It depends on the path.</summary>
    Some,

    /// <summary>Everything below is managed: no path need be asked for.</summary>
    All,
}

/// <summary>
/// Which paths of a machine an image speaks for (docs/formats/tree.md). Ordered rules, the last that matches wins, a rule speaks
/// for what it matches and everything below, what no rule matches is managed. The agent's own folders are never managed.
/// Immutable and safe to use from many threads.
/// </summary>
public sealed class TreeFilter
{
    private readonly Rule[] rules;
    private readonly bool onlyMatches;
    private readonly Tree? listed;
    private readonly Func<Digest, TreeDirectory>? load;

    private TreeFilter(Rule[] rules, bool onlyMatches, Tree? listed, Func<Digest, TreeDirectory>? load)
    {
        this.rules = rules;
        this.onlyMatches = onlyMatches;
        this.listed = listed;
        this.load = load;
    }

    /// <summary>Manages every path but the agent's folders.</summary>
    public static TreeFilter Everything { get; } = new([], false, null, null);

    /// <summary>True for the filter of a sparse image: only paths of its tree are managed.</summary>
    public bool IsSparse => listed is not null;

    /// <summary>Reads the lines of a filter.</summary>
    /// <exception cref="Problems.ProblemException">Invalid: every fault with its line and column.</exception>
    public static TreeFilter Parse(string text)
    {
        var (rules, onlyMatches) = FilterParser.Parse(text);
        return new TreeFilter(rules, onlyMatches, null, null);
    }

    /// <summary>
    /// The filter of a sparse image: manages exactly what its tree lists. A directory with mode 0 that belongs to root and
    /// has no extended attributes is not listed, it only leads to what is.
    /// </summary>
    public static TreeFilter OnlyListed(Tree tree, Func<Digest, TreeDirectory>? load = null) => new([], false, tree, load);

    /// <summary>The filter of an image: its lines, or for a sparse one what its tree lists.</summary>
    public static TreeFilter Of(string? lines, Tree tree, Func<Digest, TreeDirectory>? load = null) =>
        lines is null ? OnlyListed(tree, load) : Parse(lines);

    /// <summary>True if the image speaks for this path.</summary>
    public bool Manages(TreePath path) => Manages(path.Bytes);

    /// <summary>True if the image speaks for the path of these bytes, which are well-formed.</summary>
    public bool Manages(ReadOnlySpan<byte> path)
    {
        if (AgentFolders.Contains(path))
        {
            return false;
        }

        if (listed is not null)
        {
            return listed.Find(path, load) is { } entry && !Passage.Is(entry);
        }

        return onlyMatches ? LastMatch(path) >= 0 : LastMatch(path) is var last && (last < 0 || rules[last].Manages);
    }

    /// <summary>False if nothing below a directory can be managed, so that it need not be entered.</summary>
    public bool MayManageBelow(TreePath directory) => Below(directory.Bytes) != FilterReach.None;

    /// <summary>What the filter says of everything strictly below a directory.</summary>
    public FilterReach Below(TreePath directory) => Below(directory.Bytes);

    /// <summary>What the filter says of everything strictly below the directory of these bytes.</summary>
    public FilterReach Below(ReadOnlySpan<byte> directory)
    {
        if (AgentFolders.Contains(directory))
        {
            return FilterReach.None;
        }

        if (listed is not null)
        {
            return listed.Find(directory, load) is { Kind: EntryKind.Directory } ? FilterReach.Some : FilterReach.None;
        }

        var last = LastMatch(directory);
        if (onlyMatches)
        {
            return last >= 0 ? AllUnlessAgents(directory) : FilterReach.Some;
        }

        var managed = last < 0 || rules[last].Manages;
        for (var index = last + 1; index < rules.Length; index++)
        {
            if (rules[index].Manages != managed && rules[index].CanMatchBelow(directory))
            {
                return FilterReach.Some;
            }
        }

        return managed ? AllUnlessAgents(directory) : FilterReach.None;
    }

    private static FilterReach AllUnlessAgents(ReadOnlySpan<byte> directory) =>
        AgentFolders.AreBelow(directory) ? FilterReach.Some : FilterReach.All;

    private int LastMatch(ReadOnlySpan<byte> path)
    {
        for (var index = rules.Length - 1; index >= 0; index--)
        {
            if (rules[index].Matches(path))
            {
                return index;
            }
        }

        return -1;
    }

    /// <summary>One line: a glob, or a regular expression over the path with its leading slash, read as Latin-1.</summary>
    internal sealed record Rule(bool Manages, Glob? Glob, Regex? Regex)
    {
        public bool Matches(ReadOnlySpan<byte> path) => Glob?.Matches(path) ?? MatchesText(path);

        // Nobody can say what an expression will match.
        public bool CanMatchBelow(ReadOnlySpan<byte> directory) => Glob?.CanMatchBelow(directory) ?? true;

        private bool MatchesText(ReadOnlySpan<byte> path)
        {
            var length = path.Length + 1;
            var rented = length > 512 ? ArrayPool<char>.Shared.Rent(length) : null;
            var text = rented is null ? stackalloc char[512] : rented;
            text[0] = '/';
            for (var index = 0; index < path.Length; index++)
            {
                text[index + 1] = (char)path[index];
            }

            try
            {
                return MatchesItOrAbove(text[..length]);
            }
            finally
            {
                if (rented is not null)
                {
                    ArrayPool<char>.Shared.Return(rented);
                }
            }
        }

        private bool MatchesItOrAbove(ReadOnlySpan<char> text)
        {
            for (var end = 1; end < text.Length; end++)
            {
                if (text[end] == '/' && Regex!.IsMatch(text[..end]))
                {
                    return true;
                }
            }

            return Regex!.IsMatch(text);
        }
    }
}
