using System.Security.Cryptography;
using System.Text;
using Microsoft.Win32.SafeHandles;
using Muster.Core.Problems;

namespace Muster.Files;

/// <summary>
/// Writes a file so that a reader, also one after a power cut, finds either the old content or the new, never a part.
/// For Muster's own files; what belongs to a managed tree is staged and exchanged instead.
/// </summary>
public static class AtomicFile
{
    /// <summary>Replaces or creates <paramref name="name"/>. When this returns the content is on the medium.</summary>
    public static void Write(SafeFileHandle directory, ReadOnlySpan<byte> name, ReadOnlySpan<byte> content, uint mode = 0x180 /* 0600 */)
    {
        // rename(2) is atomic only within one file system, so the new file is written beside the old one.
        var temporary = Encoding.ASCII.GetBytes($".{RandomNumberGenerator.GetHexString(16, lowercase: true)}.new");
        try
        {
            using (var file = Linux.OpenBeneath(directory, temporary, OpenFlags.Write | OpenFlags.Create | OpenFlags.Exclusive, mode))
            {
                Linux.Reserve(file, content.Length);
                Linux.Write(file, content, 0);
                Linux.Flush(file);
            }

            Linux.Rename(directory, temporary, directory, name);
        }
        catch (ProblemException)
        {
            RemoveQuietly(directory, temporary);
            throw;
        }

        Linux.Flush(directory);
    }

    /// <summary>As the other, for a path of Muster's own that a person configured.</summary>
    public static void Write(string path, ReadOnlySpan<byte> content, uint mode = 0x180)
    {
        using var directory = Linux.OpenRoot(Path.GetDirectoryName(Path.GetFullPath(path))!);
        Write(directory, Encoding.UTF8.GetBytes(Path.GetFileName(path)), content, mode);
    }

    /// <summary>The whole content, or null where there is no such file.</summary>
    /// <exception cref="ProblemException">TooLarge: it is longer than <paramref name="limit"/>.</exception>
    public static byte[]? Read(SafeFileHandle directory, ReadOnlySpan<byte> name, int limit)
    {
        var errno = Linux.TryOpenBeneath(directory, name, OpenFlags.Read | OpenFlags.NonBlocking, 0, out var file);
        if (errno == Errno.ENOENT)
        {
            return null;
        }

        if (errno != 0)
        {
            throw Linux.Problem(errno, "open", name);
        }

        using (file!)
        {
            var size = Linux.Stat(file!).Size;
            if (size > limit)
            {
                throw new ProblemException(ProblemKind.TooLarge, "file.limit", $"{Linux.Show(name)} has {size} bytes; {limit} are allowed");
            }

            var content = new byte[size];
            var length = 0;
            while (length < content.Length && Linux.Read(file!, content.AsSpan(length), length) is var count and > 0)
            {
                length += count;
            }

            return length == content.Length ? content : content[..length];
        }
    }

    private static void RemoveQuietly(SafeFileHandle directory, ReadOnlySpan<byte> name)
    {
        try
        {
            Linux.Unlink(directory, name);
        }
        catch (ProblemException)
        {
            // The first failure is the one to tell; on a broken disk this one only repeats it.
        }
    }
}
