namespace Muster.Core.Filters;

/// <summary>The pattern of one name: bytes, <c>*</c>, <c>?</c> and sets.</summary>
internal sealed class NamePattern
{
    private readonly Token[] tokens;

    // Most patterns have one star and else plain bytes, and are then two comparisons.
    private readonly byte[]? beforeStar;
    private readonly byte[] afterStar = [];

    public NamePattern(IReadOnlyList<Token> tokens)
    {
        this.tokens = [.. tokens];
        Literal = BytesOf(this.tokens);
        var star = Array.FindIndex(this.tokens, token => token.What == TokenKind.AnyBytes);
        if (star >= 0 && BytesOf(this.tokens.AsSpan(0, star)) is { } before && BytesOf(this.tokens.AsSpan(star + 1)) is { } after)
        {
            (beforeStar, afterStar) = (before, after);
        }
    }

    internal enum TokenKind
    {
        Byte,
        AnyByte,
        AnyBytes,
        Set,
    }

    /// <summary>The name itself, where it has no wildcard.</summary>
    public byte[]? Literal { get; }

    public bool Matches(ReadOnlySpan<byte> name)
    {
        if (Literal is not null)
        {
            return name.SequenceEqual(Literal);
        }

        if (beforeStar is not null)
        {
            return name.Length >= beforeStar.Length + afterStar.Length && name.StartsWith(beforeStar) && name.EndsWith(afterStar);
        }

        return MatchesTokens(name);
    }

    private static byte[]? BytesOf(ReadOnlySpan<Token> tokens)
    {
        var bytes = new byte[tokens.Length];
        for (var index = 0; index < tokens.Length; index++)
        {
            if (tokens[index].What != TokenKind.Byte)
            {
                return null;
            }

            bytes[index] = tokens[index].Byte;
        }

        return bytes;
    }

    private bool MatchesTokens(ReadOnlySpan<byte> name)
    {
        int token = 0, at = 0, starToken = -1, starAt = 0;
        while (at < name.Length || token < tokens.Length)
        {
            if (token < tokens.Length)
            {
                if (tokens[token].What == TokenKind.AnyBytes)
                {
                    (starToken, starAt) = (++token, at);
                    continue;
                }

                if (at < name.Length && tokens[token].Matches(name[at]))
                {
                    token++;
                    at++;
                    continue;
                }
            }

            if (starToken < 0 || starAt >= name.Length)
            {
                return false;
            }

            (token, at) = (starToken, ++starAt);
        }

        return true;
    }

    /// <summary>One element; a set is 256 bits.</summary>
    internal readonly record struct Token(TokenKind What, byte Byte = 0, UInt128 Low = default, UInt128 High = default)
    {
        public bool Matches(byte one) => What switch
        {
            TokenKind.Byte => one == Byte,
            TokenKind.AnyByte => true,
            _ => (((one < 128 ? Low : High) >> (one & 127)) & 1) != 0,
        };
    }
}
