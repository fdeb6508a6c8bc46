using System.Security.Cryptography;
using System.Text;
using Muster.Core.Problems;
using Muster.Files;

namespace Muster.Server.Secrets;

/// <summary>
/// The key-encryption key: 32 bytes outside the database. It comes from the systemd credential <c>muster-kek</c>, where there is one,
/// else from the file <c>secrets/kek</c> in the data directory, mode 0600.
/// </summary>
internal static class KeyFile
{
    private const string Credential = "muster-kek";

    public static byte[] Read(string dataDirectory)
    {
        var path = FindPath(dataDirectory);
        byte[] text;
        try
        {
            text = File.ReadAllBytes(path);
        }
        catch (FileNotFoundException e)
        {
            throw new ProblemException(ProblemKind.Unavailable, "secrets.key-missing", $"the key {path} is missing: without it no secret of this installation can be read", e);
        }
        catch (DirectoryNotFoundException e)
        {
            throw new ProblemException(ProblemKind.Unavailable, "secrets.key-missing", $"the key {path} is missing: without it no secret of this installation can be read", e);
        }

        if (path == InDirectory(dataDirectory) && (File.GetUnixFileMode(path) & (UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.OtherRead | UnixFileMode.OtherWrite)) != 0)
        {
            throw new ProblemException(ProblemKind.Denied, "secrets.key-open", $"others may read {path}: chmod 0600 it");
        }

        return text.Length == 32
            ? text
            : throw new ProblemException(ProblemKind.Invalid, "secrets.key-wrong", $"{path} has {text.Length} bytes, a key has 32");
    }

    /// <summary>Makes the key file, unless there is a key already.</summary>
    public static void Ensure(string dataDirectory)
    {
        if (File.Exists(FindPath(dataDirectory)))
        {
            return;
        }

        var folder = Path.GetDirectoryName(InDirectory(dataDirectory))!;
        Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);

        // Whole and on the medium before it has its name, and never over another: a key that was used once is needed for ever.
        using var secrets = Linux.OpenRoot(folder);
        var made = Encoding.ASCII.GetBytes($"made-{RandomNumberGenerator.GetHexString(16, lowercase: true)}");
        AtomicFile.Write(secrets, made, RandomNumberGenerator.GetBytes(32));
        try
        {
            Linux.RenameToNew(secrets, made, secrets, "kek"u8);
        }
        catch (ProblemException e) when (Errno.Of(e) == Errno.EEXIST)
        {
            // Another process was quicker.
            Linux.Unlink(secrets, made);
        }

        Linux.Flush(secrets);
        using var data = Linux.OpenRoot(dataDirectory);
        Linux.Flush(data);
    }

    private static string FindPath(string dataDirectory)
    {
        var credentials = Environment.GetEnvironmentVariable("CREDENTIALS_DIRECTORY");
        var given = credentials is null ? null : Path.Combine(credentials, Credential);
        return given is not null && File.Exists(given) ? given : InDirectory(dataDirectory);
    }

    private static string InDirectory(string dataDirectory) => Path.Combine(dataDirectory, "secrets", "kek");
}
