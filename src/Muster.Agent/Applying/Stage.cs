using System.Globalization;
using System.Text;
using Microsoft.Win32.SafeHandles;
using Muster.Core.Filters;
using Muster.Core.Objects;
using Muster.Core.Problems;
using Muster.Core.Trees;
using Muster.Files;

namespace Muster.Agent.Applying;

/// <summary>
/// The folder on the tree's own file system where everything is made complete before it is put in place, and where what it replaced
/// waits to be dropped. Names in it are numbers.
/// </summary>
internal sealed class Stage(SafeFileHandle folder) : IDisposable
{
    private long numbers;

    public SafeFileHandle Folder => folder;

    /// <summary>A name that was not used since the agent started; the stage is empty then.</summary>
    public string NextName() => (++numbers).ToString(CultureInfo.InvariantCulture);

    public void Dispose() => folder.Dispose();

    public bool IsEmpty => Linux.ListNames(folder, int.MaxValue).Count == 0;

    /// <summary>Which inode a name is; null for nothing.</summary>
    public (ulong Device, ulong Inode)? Find(string name) =>
        Linux.FindStat(folder, Encoding.ASCII.GetBytes(name)) is { } stat ? (stat.Device, stat.Inode) : null;

    /// <summary>Removes everything.</summary>
    public void Clear()
    {
        foreach (var name in Linux.ListNames(folder, int.MaxValue))
        {
            Drop(folder, name);
        }
    }

    private static void Drop(SafeFileHandle top, ReadOnlySpan<byte> name)
    {
        if (TryUnlink(top, name))
        {
            return;
        }

        // A loop and not a recursion: what was replaced can be thirty thousand directories deep.
        var open = new Stack<(SafeFileHandle Parent, byte[] Name, SafeFileHandle Handle, Queue<byte[]> Left)>();
        open.Push(Enter(top, name.ToArray()));
        while (open.TryPeek(out var directory))
        {
            if (directory.Left.TryDequeue(out var child))
            {
                if (!TryUnlink(directory.Handle, child))
                {
                    open.Push(Enter(directory.Handle, child));
                }

                continue;
            }

            directory.Handle.Dispose();
            Linux.RemoveDirectory(directory.Parent, directory.Name);
            open.Pop();
        }
    }

    private static (SafeFileHandle, byte[], SafeFileHandle, Queue<byte[]>) Enter(SafeFileHandle parent, byte[] name)
    {
        var handle = Linux.OpenBeneath(parent, name, OpenFlags.Read | OpenFlags.Directory);
        return (parent, name, handle, new Queue<byte[]>(Linux.ListNames(handle, int.MaxValue)));
    }

    // False for a directory.
    private static bool TryUnlink(SafeFileHandle directory, ReadOnlySpan<byte> name)
    {
        for (var lifted = false; ;)
        {
            try
            {
                if (Linux.FindStat(directory, name) is not { } stat)
                {
                    return true;
                }

                if (stat.Kind == EntryKind.Directory)
                {
                    if (stat.Immutable || stat.AppendOnly)
                    {
                        Flags.Lift(directory, name);
                    }

                    return false;
                }

                Linux.Unlink(directory, name);
                return true;
            }
            catch (ProblemException e) when (e.Kind == ProblemKind.Denied && !lifted)
            {
                lifted = Flags.Lift(directory, name);
                if (!lifted)
                {
                    throw;
                }
            }
        }
    }
}
