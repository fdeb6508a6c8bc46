using System.Runtime.CompilerServices;
using Xunit;

namespace Muster.Testing;

/// <summary>
/// What the outside can see, kept in a file beside its test, so that every change of it shows in review.
/// <c>./dev golden</c> (<c>MUSTER_GOLDEN=overwrite</c>) rewrites them.
/// </summary>
public static class Golden
{
    public static bool IsOverwriting => Environment.GetEnvironmentVariable("MUSTER_GOLDEN") == "overwrite";

    /// <param name="file">Relative to the test's own file.</param>
    public static void Match(string text, string file, [CallerFilePath] string testFile = "")
    {
        var path = Path.Combine(Path.GetDirectoryName(Repository.SourceFile(testFile))!, file);
        var seen = text.ReplaceLineEndings("\n").TrimEnd('\n') + "\n";
        if (IsOverwriting)
        {
            if (!File.Exists(path) || File.ReadAllText(path) != seen)
            {
                File.WriteAllText(path, seen);
            }

            return;
        }

        Assert.True(File.Exists(path), $"{path} does not exist; ./dev golden writes it");
        Assert.Equal(File.ReadAllText(path), seen);
    }
}
