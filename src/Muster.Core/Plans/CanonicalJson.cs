using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Muster.Core.Plans;

/// <summary>
/// JSON in the one form of RFC 8785, so that equal values have equal bytes and a hash: members sorted by their UTF-16 units,
/// no white space, the fewest escapes, numbers as ECMAScript writes them. Whatever a double cannot hold exactly travels as a string.
/// </summary>
public static class CanonicalJson
{
    private const int MaxDepth = 64;
    private const long MaxSafeInteger = 9_007_199_254_740_991;

    /// <summary>The canonical UTF-8 bytes of a value.</summary>
    /// <exception cref="FormatException">The value has no canonical form: a member twice, a lone surrogate, a number beyond 2^53, too deep.</exception>
    public static byte[] Write(JsonElement value)
    {
        var text = new StringBuilder();
        Append(text, value, 0);
        try
        {
            return new UTF8Encoding(false, throwOnInvalidBytes: true).GetBytes(text.ToString());
        }
        catch (EncoderFallbackException e)
        {
            throw new FormatException("a text holds half a character (lone surrogate)", e);
        }
    }

    /// <summary>The number as ECMAScript's <c>Number::toString</c> writes it.</summary>
    /// <exception cref="FormatException">Not finite.</exception>
    public static string Number(double value)
    {
        if (!double.IsFinite(value))
        {
            throw new FormatException("JSON has no number for infinity or not-a-number");
        }

        if (value == 0)
        {
            return "0";
        }

        // "R" gives the shortest digits that read back; only its layout differs from ECMAScript's.
        var (digits, point) = Digits(Math.Abs(value).ToString("R", CultureInfo.InvariantCulture));
        var sign = value < 0 ? "-" : string.Empty;
        var count = digits.Length;
        return sign + point switch
        {
            _ when point >= count && point <= 21 => digits + new string('0', point - count),
            > 0 and <= 21 => digits[..point] + "." + digits[point..],
            > -6 and <= 0 => "0." + new string('0', -point) + digits,
            _ => digits[..1] + (count > 1 ? "." + digits[1..] : string.Empty) + "e" + (point - 1 < 0 ? "-" : "+") + Math.Abs(point - 1).ToString(CultureInfo.InvariantCulture),
        };
    }

    private static void Append(StringBuilder text, JsonElement value, int depth)
    {
        if (depth > MaxDepth)
        {
            throw new FormatException($"JSON nested deeper than {MaxDepth}");
        }

        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                AppendObject(text, value, depth);
                break;
            case JsonValueKind.Array:
                text.Append('[');
                var first = true;
                foreach (var item in value.EnumerateArray())
                {
                    text.Append(first ? string.Empty : ",");
                    first = false;
                    Append(text, item, depth + 1);
                }

                text.Append(']');
                break;
            case JsonValueKind.String:
                AppendString(text, value.GetString()!);
                break;
            case JsonValueKind.Number:
                text.Append(Number(value));
                break;
            case JsonValueKind.True:
                text.Append("true");
                break;
            case JsonValueKind.False:
                text.Append("false");
                break;
            case JsonValueKind.Null:
                text.Append("null");
                break;
            default:
                throw new FormatException("not a JSON value");
        }
    }

    private static void AppendObject(StringBuilder text, JsonElement value, int depth)
    {
        var members = new SortedDictionary<string, JsonElement>(StringComparer.Ordinal);
        foreach (var member in value.EnumerateObject())
        {
            if (!members.TryAdd(member.Name, member.Value))
            {
                throw new FormatException($"the member '{member.Name}' stands twice");
            }
        }

        text.Append('{');
        var first = true;
        foreach (var (name, item) in members)
        {
            text.Append(first ? string.Empty : ",");
            first = false;
            AppendString(text, name);
            text.Append(':');
            Append(text, item, depth + 1);
        }

        text.Append('}');
    }

    private static string Number(JsonElement value)
    {
        if (value.TryGetInt64(out var integer))
        {
            return Math.Abs((decimal)integer) <= MaxSafeInteger
                ? integer.ToString(CultureInfo.InvariantCulture)
                : throw new FormatException($"the number {integer} is beyond 2^53: write it as a string");
        }

        return Number(value.GetDouble());
    }

    /// <summary>The significant digits, and after how many of them the decimal point stands.</summary>
    private static (string Digits, int Point) Digits(string shortest)
    {
        var e = shortest.IndexOf('E', StringComparison.Ordinal);
        var mantissa = e < 0 ? shortest : shortest[..e];
        var exponent = e < 0 ? 0 : int.Parse(shortest.AsSpan(e + 1), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);
        var dot = mantissa.IndexOf('.', StringComparison.Ordinal);
        var point = (dot < 0 ? mantissa.Length : dot) + exponent;
        var all = mantissa.Replace(".", string.Empty, StringComparison.Ordinal);
        var digits = all.TrimStart('0');
        return (digits.TrimEnd('0'), point - (all.Length - digits.Length));
    }

    private static void AppendString(StringBuilder text, string value)
    {
        text.Append('"');
        foreach (var unit in value)
        {
            switch (unit)
            {
                case '"' or '\\':
                    text.Append('\\').Append(unit);
                    break;
                case '\b':
                    text.Append("\\b");
                    break;
                case '\t':
                    text.Append("\\t");
                    break;
                case '\n':
                    text.Append("\\n");
                    break;
                case '\f':
                    text.Append("\\f");
                    break;
                case '\r':
                    text.Append("\\r");
                    break;
                case < ' ':
                    text.Append(CultureInfo.InvariantCulture, $"\\u{(int)unit:x4}");
                    break;
                default:
                    text.Append(unit);
                    break;
            }
        }

        text.Append('"');
    }
}
