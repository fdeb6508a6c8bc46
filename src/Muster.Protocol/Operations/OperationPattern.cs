namespace Muster.Protocol.Operations;

/// <summary>A pattern of operation names: <c>Noun.Verb</c> with <c>*</c> for either half.</summary>
public static class OperationPattern
{
    /// <summary>True for <c>Images.List</c>, <c>Images.*</c>, <c>*.List</c> and <c>*.*</c>.</summary>
    public static bool IsValid(string? pattern)
    {
        var halves = pattern?.Split('.');
        return halves is [var noun, var verb] && IsHalf(noun) && IsHalf(verb);
    }

    /// <summary>Whether the pattern covers the operation. A sensitive one is covered only by its full name or <c>*.*</c>.</summary>
    public static bool Covers(string pattern, string operation, bool sensitive)
    {
        if (pattern == "*.*" || pattern == operation)
        {
            return true;
        }

        var (wantedNoun, wantedVerb) = Halves(pattern);
        var (noun, verb) = Halves(operation);
        return !sensitive && Matches(wantedNoun, noun) && Matches(wantedVerb, verb);
    }

    private static bool Matches(string wanted, string half) => wanted == "*" || wanted == half;

    private static (string Noun, string Verb) Halves(string text)
    {
        var dot = text.IndexOf('.', StringComparison.Ordinal);
        return dot < 0 ? (text, string.Empty) : (text[..dot], text[(dot + 1)..]);
    }

    private static bool IsHalf(string half) =>
        half == "*" || (half.Length is > 0 and <= 64 && char.IsAsciiLetterUpper(half[0]) && half.All(char.IsAsciiLetterOrDigit));
}
