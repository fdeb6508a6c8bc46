using Muster.Core.Problems;

namespace Muster.Server.Database;

/// <summary>The file that holds a connection string. It has a password in it, so it is no argument and no setting that others see.</summary>
internal static class ConnectionFile
{
    private const UnixFileMode Others = UnixFileMode.OtherRead | UnixFileMode.OtherWrite;

    /// <exception cref="ProblemException">It is not there, or others may read it.</exception>
    public static string Read(string path)
    {
        try
        {
            if ((File.GetUnixFileMode(path) & Others) != 0)
            {
                throw new ProblemException(ProblemKind.Denied, "database.file-open", $"others may read {path}, which has the database's password: chmod 0600 it");
            }

            return File.ReadAllText(path).Trim();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ProblemException(ProblemKind.Invalid, "database.file", $"cannot read the database's connection string from {path}: {e.Message}", e);
        }
    }
}
