using System.Buffers.Text;
using System.Text;
using Muster.Core.Problems;
using Muster.Core.Trees;

namespace Muster.Server.Images;

/// <summary>A path as a person or page gives it in a query: plain, escaped as it is shown (<c>/etc/caf\xE9</c>), or <c>base64:…</c> of its bytes.</summary>
internal static class TypedPath
{
    public static TreePath Parse(string text, string argument)
    {
        try
        {
            return text.StartsWith("base64:", StringComparison.Ordinal) ? TreePath.FromBytes(Decode(text[7..])) : TreePath.FromBytes(Unescape(text.Trim('/')));
        }
        catch (FormatException e)
        {
            throw new ProblemException([new Fault(argument, e.Message)]);
        }
    }

    private static byte[] Decode(string text) => text.AsSpan().ContainsAny('-', '_') ? Base64Url.DecodeFromChars(text) : Convert.FromBase64String(text);

    private static byte[] Unescape(string text)
    {
        var bytes = new List<byte>(text.Length);
        for (var index = 0; index < text.Length; index++)
        {
            if (text[index] != '\\')
            {
                var end = text.IndexOf('\\', index);
                end = end < 0 ? text.Length : end;
                bytes.AddRange(Encoding.UTF8.GetBytes(text[index..end]));
                index = end - 1;
                continue;
            }

            var escape = index + 1 < text.Length ? text[++index] : '\0';
            bytes.Add(escape switch
            {
                'n' => (byte)'\n',
                't' => (byte)'\t',
                'r' => (byte)'\r',
                '\\' => (byte)'\\',
                'x' when index + 2 < text.Length && char.IsAsciiHexDigit(text[index + 1]) && char.IsAsciiHexDigit(text[index + 2]) => Convert.FromHexString(text.AsSpan(index + 1, 2))[0],
                _ => throw new FormatException("after a backslash comes n, t, r, another backslash, or x and two hexadecimal digits"),
            });
            index += escape == 'x' ? 2 : 0;
        }

        return [.. bytes];
    }
}
