namespace Muster.Core.Filters;

/// <summary>
/// A pattern over the names of a path, compiled once and matched over bytes without allocating. It speaks for what it matches
/// and everything below. Matching never takes exponential time: each kind of star remembers only its last place.
/// </summary>
internal sealed class Glob
{
    private readonly Segment[] segments;
    private readonly byte[] leadingNames;

    /// <summary>Takes the patterns of the names, in order; null stands for <c>**</c>.</summary>
    public Glob(IReadOnlyList<NamePattern?> names)
    {
        segments = [.. names.Select(name => new Segment(name))];
        var leading = names.TakeWhile(name => name?.Literal is not null).Select(name => name!.Literal!).ToArray();
        leadingNames = [.. leading.SelectMany((name, index) => index == 0 ? name : [(byte)'/', .. name])];
        IsLiteral = leading.Length == names.Count;
    }

    /// <summary>True if it has no wildcard, so that it is one path.</summary>
    public bool IsLiteral { get; }

    /// <summary>True if the path or one of its ancestors matches.</summary>
    public bool Matches(ReadOnlySpan<byte> path)
    {
        if (IsLiteral)
        {
            return leadingNames.Length == 0
                || (path.StartsWith(leadingNames) && (path.Length == leadingNames.Length || path[leadingNames.Length] == '/'));
        }

        // Nearly every path ends here.
        if (!path.StartsWith(leadingNames))
        {
            return false;
        }

        int segment = 0, at = 0, starSegment = -1, starAt = 0;
        while (segment < segments.Length)
        {
            if (segments[segment].IsAnyDepth)
            {
                if (segment == segments.Length - 1)
                {
                    return at < path.Length;
                }

                (starSegment, starAt) = (++segment, at);
                continue;
            }

            if (at >= path.Length)
            {
                return false;
            }

            var end = EndOfName(path, at);
            if (segments[segment].Name!.Matches(path[at..end]))
            {
                segment++;
                at = Math.Min(end + 1, path.Length);
                continue;
            }

            if (starSegment < 0)
            {
                return false;
            }

            // The last ** takes one more name, and what follows it is tried again from there.
            starAt = Math.Min(EndOfName(path, starAt) + 1, path.Length);
            (segment, at) = (starSegment, starAt);
        }

        return true;
    }

    /// <summary>True if something strictly below a directory could match, which itself does not.</summary>
    public bool CanMatchBelow(ReadOnlySpan<byte> directory)
    {
        var at = 0;
        foreach (var segment in segments)
        {
            if (segment.IsAnyDepth || at >= directory.Length)
            {
                return true;
            }

            var end = EndOfName(directory, at);
            if (!segment.Name!.Matches(directory[at..end]))
            {
                return false;
            }

            at = Math.Min(end + 1, directory.Length);
        }

        return true;
    }

    private static int EndOfName(ReadOnlySpan<byte> path, int start) =>
        path[start..].IndexOf((byte)'/') is var length and >= 0 ? start + length : path.Length;

    private readonly record struct Segment(NamePattern? Name)
    {
        public bool IsAnyDepth => Name is null;
    }
}
