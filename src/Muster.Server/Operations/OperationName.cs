using System.Text;

namespace Muster.Server.Operations;

/// <summary><c>Machines.RequireImage</c> and <c>/api/v1/machines/require-image</c> are the same name.</summary>
internal static class OperationName
{
    public static string Path(string name)
    {
        var (noun, verb) = Halves(name);
        return $"/api/v1/{Dashed(noun)}/{Dashed(verb)}";
    }

    private static (string Noun, string Verb) Halves(string name)
    {
        var halves = name.Split('.');
        return halves is [{ Length: > 0 } noun, { Length: > 0 } verb]
            ? (noun, verb)
            : throw new InvalidOperationException($"'{name}' is not an operation's name such as Images.List");
    }

    private static string Dashed(string words)
    {
        var text = new StringBuilder();
        foreach (var letter in words)
        {
            if (char.IsAsciiLetterUpper(letter) && text.Length > 0)
            {
                text.Append('-');
            }

            text.Append(char.ToLowerInvariant(letter));
        }

        return text.ToString();
    }
}
