namespace Muster.Cli.Running;

/// <summary>Finds what a person meant when a word has a slip or two in it.</summary>
internal static class Nearest
{
    private const int MostSlips = 2;

    public static string? To(string typed, IEnumerable<string> words) => words
        .Select(word => (Word: word, Slips: Slips(typed, word)))
        .Where(pair => pair.Slips <= MostSlips && pair.Slips < pair.Word.Length)
        .OrderBy(pair => pair.Slips)
        .Select(pair => pair.Word)
        .FirstOrDefault();

    // Levenshtein's distance: letters put in, left out or wrong.
    private static int Slips(string typed, string word)
    {
        var row = Enumerable.Range(0, word.Length + 1).ToArray();
        for (var i = 1; i <= typed.Length; i++)
        {
            var above = row[0];
            row[0] = i;
            for (var j = 1; j <= word.Length; j++)
            {
                var same = above + (typed[i - 1] == word[j - 1] ? 0 : 1);
                above = row[j];
                row[j] = Math.Min(same, Math.Min(row[j], row[j - 1]) + 1);
            }
        }

        return row[^1];
    }
}
