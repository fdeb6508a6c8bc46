using System.Text;
using Microsoft.Win32.SafeHandles;
using Muster.Core.Problems;
using Muster.Files;

namespace Muster.Agent;

/// <summary>
/// The folder of everything that the agent remembers, <c>/var/lib/muster-agent</c>. One agent at a time holds its lock.
/// </summary>
internal sealed class StateFolder : IDisposable
{
    private readonly SafeFileHandle? held;

    private StateFolder(SafeFileHandle handle, SafeFileHandle? held, string path)
    {
        Handle = handle;
        this.held = held;
        Path = path;
    }

    public SafeFileHandle Handle { get; }

    public string Path { get; }

    /// <summary>Makes the folder if it is missing and takes its lock.</summary>
    /// <exception cref="ProblemException">It cannot be written to, or another agent runs on it.</exception>
    public static StateFolder Open(string path)
    {
        var handle = OpenUnlocked(path);
        SafeFileHandle? held = null;
        try
        {
            held = Linux.OpenBeneath(handle, "lock"u8, OpenFlags.ReadWrite | OpenFlags.Create, 0x180);
            return Linux.TryLock(held)
                ? new StateFolder(handle, held, path)
                : throw new ProblemException(ProblemKind.Conflict, "state.locked", $"another muster-agent already runs on {path}; stop it first, or give this one another folder with --state");
        }
        catch (ProblemException e)
        {
            held?.Dispose();
            handle.Dispose();
            throw e.Code == "state.locked" ? e : NotWritable(path, e);
        }
    }

    /// <summary>For commands that only look, beside a running agent.</summary>
    public static SafeFileHandle OpenUnlocked(string path)
    {
        try
        {
            Directory.CreateDirectory(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            return Linux.OpenRoot(path);
        }
        catch (Exception e) when (e is ProblemException or IOException or UnauthorizedAccessException)
        {
            throw NotWritable(path, e);
        }
    }

    /// <summary>A folder in it, made if it is missing.</summary>
    public static SafeFileHandle OpenFolder(SafeFileHandle parent, ReadOnlySpan<byte> name)
    {
        var errno = Linux.TryOpenBeneath(parent, name, OpenFlags.Directory, 0, out var folder);
        if (errno == Errno.ENOENT)
        {
            Linux.MakeDirectory(parent, name, 0x1C0 /* 0700 */);
            errno = Linux.TryOpenBeneath(parent, name, OpenFlags.Directory, 0, out folder);
        }

        return errno == 0 ? folder! : throw new ProblemException(ProblemKind.Denied, "state.folder", $"cannot open the folder {Encoding.UTF8.GetString(name)} in the agent's state folder (error {errno})");
    }

    public void Dispose()
    {
        held?.Dispose();
        Handle.Dispose();
    }

    private static ProblemException NotWritable(string path, Exception e) =>
        new(ProblemKind.Denied, "state.not-writable", $"the agent's state folder {path} cannot be used: {e.Message}", e);
}
