using System.Text;

namespace Muster.Cli.Running;

/// <summary><c>Machines.RequireImage</c>, <c>muster machines require-image</c> and <c>/api/v1/machines/require-image</c> are the same name.</summary>
internal static class OperationPath
{
    public static string Of(string operation) => $"/api/v1/{Noun(operation)}/{Verb(operation)}";

    public static string Noun(string operation) => Dashed(operation.AsSpan(0, operation.IndexOf('.', StringComparison.Ordinal)));

    public static string Verb(string operation) => Dashed(operation.AsSpan(operation.IndexOf('.', StringComparison.Ordinal) + 1));

    /// <summary><c>newName</c> and <c>NewName</c> are <c>new-name</c>.</summary>
    public static string Dashed(ReadOnlySpan<char> words)
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
