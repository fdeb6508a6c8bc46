using Microsoft.Win32.SafeHandles;
using Muster.Core.Filters;
using Muster.Core.Trees;
using Muster.Files;

namespace Muster.Agent.Applying;

/// <summary>Gives an inode the attributes of an entry, in the order in which none undoes another: owner (which drops setuid and
/// capabilities), mode, ACLs and other attributes, and time last.</summary>
internal static class Metadata
{
    /// <summary>Sets them on an entry of a directory. Opens nothing that could be a device.</summary>
    public static void Set(SafeFileHandle directory, ReadOnlySpan<byte> name, TreeEntry entry)
    {
        Linux.SetOwner(directory, name, entry.Uid, entry.Gid);
        if (entry.Kind != EntryKind.Symlink)
        {
            using var handle = Linux.OpenBeneath(directory, name, OpenFlags.PathOnly);
            Linux.SetMode(handle, Passage.Is(entry) ? Passage.ModeWhenMade : entry.Mode);
        }

        SetXattrs(directory, name, entry.Xattrs);
        if (entry.Kind is not (EntryKind.Directory or EntryKind.Symlink))
        {
            Linux.SetModified(directory, name, entry.Modified);
        }
    }

    private static void SetXattrs(SafeFileHandle directory, ReadOnlySpan<byte> name, Xattr[] wanted)
    {
        var seen = Linux.ReadXattrs(directory, name);
        foreach (var xattr in seen)
        {
            if (!wanted.Any(one => one.Name.AsSpan().SequenceEqual(xattr.Name)))
            {
                Linux.RemoveXattr(directory, name, xattr.Name);
            }
        }

        foreach (var xattr in wanted)
        {
            if (!seen.Contains(xattr))
            {
                Linux.SetXattr(directory, name, xattr.Name, xattr.Value);
            }
        }
    }
}
