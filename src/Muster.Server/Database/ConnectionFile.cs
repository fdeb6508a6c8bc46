using Muster.Core.Problems;
using Muster.Server.Secrets;

namespace Muster.Server.Database;

/// <summary>The file that holds a connection string. It has a password in it, so it is no argument and no setting that others see.</summary>
internal static class ConnectionFile
{
    /// <exception cref="ProblemException">It is not there, or others may read it.</exception>
    public static string Read(string path) => SecretFile.Read(path, "database.file", "the database's connection string with its password");
}
