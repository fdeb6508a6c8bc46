namespace Muster.Core.Filters;

/// <summary>The pattern of one name: bytes, <c>*</c>, <c>?</c> and sets.</summary>
internal sealed class NamePattern
{
    private readonly Token[] tokens;

    public NamePattern(IReadOnlyList<Token> tokens)
    {
        this.tokens = [.. tokens];
        Literal = this.tokens.All(token => token.What == TokenKind.Byte) ? [.. this.tokens.Select(token => token.Byte)] : null;
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
