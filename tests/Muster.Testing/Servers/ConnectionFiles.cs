namespace Muster.Testing;

/// <summary>What <c>--database-file</c> names.</summary>
public static class ConnectionFiles
{
    /// <summary>Only its owner may read it.</summary>
    public static void Write(string file, string connectionString)
    {
        using var stream = new FileStream(file, new FileStreamOptions
        {
            Mode = FileMode.Create,
            Access = FileAccess.Write,
            UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
        });
        using var writer = new StreamWriter(stream);
        writer.WriteLine(connectionString);
    }
}
