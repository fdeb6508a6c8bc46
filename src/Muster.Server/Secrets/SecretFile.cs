using Muster.Core.Problems;

namespace Muster.Server.Secrets;

/// <summary>A file that holds what others must not see. Such a thing is no argument and no setting.</summary>
internal static class SecretFile
{
    private const UnixFileMode Others = UnixFileMode.OtherRead | UnixFileMode.OtherWrite;

    /// <param name="code">Of the problems: this for one that cannot be read, with <c>-open</c> for one that others may read.</param>
    /// <param name="what">What it holds, as "the database's connection string".</param>
    /// <exception cref="ProblemException">It is not there, or others may read it.</exception>
    public static string Read(string path, string code, string what)
    {
        try
        {
            if ((File.GetUnixFileMode(path) & Others) != 0)
            {
                throw new ProblemException(ProblemKind.Denied, $"{code}-open", $"others may read {path}, which has {what}: chmod 0600 it");
            }

            return File.ReadAllText(path).Trim();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ProblemException(ProblemKind.Invalid, code, $"cannot read {what} from {path}: {e.Message}", e);
        }
    }
}
