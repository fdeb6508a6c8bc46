using System.Text;
using System.Text.Json;

namespace Muster.Cli.Showing;

/// <summary>JSON as YAML 1.2, block style. Texts that could be read as anything else are quoted as JSON quotes them, which YAML allows.</summary>
internal static class Yaml
{
    private static readonly string[] Words = ["true", "false", "null", "yes", "no", "on", "off", "y", "n", "~"];

    public static string Write(JsonElement element)
    {
        var text = new StringBuilder();
        if (element.ValueKind is JsonValueKind.Object or JsonValueKind.Array && !IsEmpty(element))
        {
            Block(text, element, 0);
        }
        else
        {
            text.Append(Scalar(element)).Append('\n');
        }

        return text.ToString();
    }

    private static void Block(StringBuilder text, JsonElement element, int depth)
    {
        if (element.ValueKind == JsonValueKind.Object)
        {
            foreach (var member in element.EnumerateObject())
            {
                text.Append(' ', depth).Append(IsPlain(member.Name) ? member.Name : Quote(member.Name)).Append(':');
                Value(text, member.Value, member.Value.ValueKind == JsonValueKind.Array ? depth : depth + 2);
            }

            return;
        }

        foreach (var item in element.EnumerateArray())
        {
            text.Append(' ', depth).Append('-');
            if (item.ValueKind is JsonValueKind.Object or JsonValueKind.Array && !IsEmpty(item))
            {
                var inner = new StringBuilder();
                Block(inner, item, depth + 2);
                text.Append(' ').Append(inner, depth + 2, inner.Length - depth - 2);
            }
            else
            {
                Value(text, item, depth + 2);
            }
        }
    }

    private static void Value(StringBuilder text, JsonElement value, int depth)
    {
        if (value.ValueKind is JsonValueKind.Object or JsonValueKind.Array && !IsEmpty(value))
        {
            text.Append('\n');
            Block(text, value, depth);
        }
        else
        {
            text.Append(' ').Append(Scalar(value)).Append('\n');
        }
    }

    private static bool IsEmpty(JsonElement value) =>
        value.ValueKind == JsonValueKind.Array ? value.GetArrayLength() == 0 : value.ValueKind == JsonValueKind.Object && !value.EnumerateObject().Any();

    private static string Scalar(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => value.GetString() is var text && IsPlain(text!) ? text! : Quote(value.GetString()!),
        JsonValueKind.Object => "{}",
        JsonValueKind.Array => "[]",
        _ => value.GetRawText(),
    };

    private static bool IsPlain(string text) =>
        text.Length > 0
        && (char.IsAsciiLetter(text[0]) || text[0] == '/')
        && text.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '_' or '-' or '.' or '/' or '+' or '@' or ' ')
        && text[^1] != ' '
        && !Words.Contains(text, StringComparer.OrdinalIgnoreCase);

    private static string Quote(string text) => '"' + JsonEncodedText.Encode(text, System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping).ToString() + '"';
}
