using System.Globalization;
using System.Text;
using Token = Muster.Core.Filters.NamePattern.Token;
using TokenKind = Muster.Core.Filters.NamePattern.TokenKind;

namespace Muster.Core.Filters;

/// <summary>Reads one glob of a filter line.</summary>
internal ref struct GlobParser
{
    private readonly string line;
    private int at;

    private GlobParser(string line, int start)
    {
        this.line = line;
        at = start;
    }

    /// <summary>Reads the glob that fills a line from a column on. Without a leading slash it matches at any depth.</summary>
    public static Glob Parse(string line, int start) => new GlobParser(line.TrimEnd(' ', '\t'), start).Parse();

    private Glob Parse()
    {
        var begin = at;
        if (at >= line.Length)
        {
            throw Wrong(at, "a pattern is missing");
        }

        var names = new List<NamePattern?>();
        if (line[at] == '/')
        {
            at++;
            if (at == line.Length)
            {
                return new Glob([]);
            }
        }
        else
        {
            names.Add(null);
        }

        while (true)
        {
            var name = ParseName();
            if (name is not null || names.Count == 0 || names[^1] is not null)
            {
                names.Add(name);
            }

            if (at == line.Length)
            {
                break;
            }

            // A last slash says that a directory is meant; the pattern speaks for what is below anyway.
            if (++at == line.Length)
            {
                break;
            }
        }

        return names.Count > 1000 ? throw Wrong(begin, "a pattern has at most 1000 names") : new Glob(names);
    }

    private NamePattern? ParseName()
    {
        var begin = at;
        if (line.AsSpan(at).StartsWith("**", StringComparison.Ordinal) && (at + 2 == line.Length || line[at + 2] == '/'))
        {
            at += 2;
            return null;
        }

        var tokens = new List<Token>();
        while (at < line.Length && line[at] != '/')
        {
            ParseToken(tokens);
        }

        if (tokens.Count == 0)
        {
            throw Wrong(begin, "a name is missing between two slashes");
        }

        if (tokens is [{ What: TokenKind.Byte, Byte: (byte)'.' }] or [{ What: TokenKind.Byte, Byte: (byte)'.' }, { What: TokenKind.Byte, Byte: (byte)'.' }])
        {
            throw Wrong(begin, "'.' and '..' are not names");
        }

        return new NamePattern(tokens);
    }

    private void ParseToken(List<Token> tokens)
    {
        switch (line[at])
        {
            case '*':
                at++;
                if (at < line.Length && line[at] == '*')
                {
                    throw Wrong(at - 1, "'**' stands alone between slashes");
                }

                tokens.Add(new Token(TokenKind.AnyBytes));
                break;
            case '?':
                at++;
                tokens.Add(new Token(TokenKind.AnyByte));
                break;
            case '[':
                tokens.Add(ParseSet());
                break;
            default:
                foreach (var one in ParseBytes())
                {
                    tokens.Add(new Token(TokenKind.Byte, one));
                }

                break;
        }
    }

    private Token ParseSet()
    {
        var begin = at++;
        UInt128 low = 0, high = 0;
        var negated = at < line.Length && line[at] is '!' or '^';
        at += negated ? 1 : 0;
        for (var first = true; first || at >= line.Length || line[at] != ']'; first = false)
        {
            var from = ParseSetByte(begin);
            var to = from;
            if (at + 1 < line.Length && line[at] == '-' && line[at + 1] != ']')
            {
                at++;
                to = ParseSetByte(begin);
                if (to < from)
                {
                    throw Wrong(begin, "a range in a set runs backwards");
                }
            }

            for (int one = from; one <= to; one++)
            {
                _ = one < 128 ? low |= UInt128.One << one : high |= UInt128.One << (one - 128);
            }
        }

        at++;
        return negated ? new Token(TokenKind.Set, 0, ~low, ~high) : new Token(TokenKind.Set, 0, low, high);
    }

    private byte ParseSetByte(int begin)
    {
        if (at >= line.Length || line[at] == '/')
        {
            throw Wrong(begin, "a set has no closing ']'");
        }

        var bytes = ParseBytes();
        return bytes.Length == 1 ? bytes[0] : throw Wrong(at - 1, "a set holds single bytes; write other characters outside of sets");
    }

    private byte[] ParseBytes()
    {
        if (line[at] != '\\')
        {
            if (!Rune.TryGetRuneAt(line, at, out var rune))
            {
                throw Wrong(at, "half a character");
            }

            if (rune.Value == 0)
            {
                throw Wrong(at, "NUL is not part of a name");
            }

            at += rune.Utf16SequenceLength;
            var bytes = new byte[rune.Utf8SequenceLength];
            rune.EncodeToUtf8(bytes);
            return bytes;
        }

        at += 2;
        return at > line.Length ? throw Wrong(at - 2, "a backslash has nothing after it") : line[at - 1] switch
        {
            'n' => [(byte)'\n'],
            't' => [(byte)'\t'],
            'r' => [(byte)'\r'],
            'x' => [ParseHex()],
            var one and > ' ' and < (char)127 when !char.IsAsciiLetterOrDigit(one) && one != '/' => [(byte)one],
            ' ' => [(byte)' '],
            _ => throw Wrong(at - 2, @"known after a backslash are n, t, r, xHH and punctuation"),
        };
    }

    private byte ParseHex()
    {
        if (at + 2 > line.Length || !byte.TryParse(line.AsSpan(at, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var value) || value is 0 or (byte)'/')
        {
            throw Wrong(at - 2, @"\x needs two hexadecimal digits, of neither NUL nor '/'");
        }

        at += 2;
        return value;
    }

    private static FilterFaultException Wrong(int column, string message) => new(column, message);
}
