using System.Text;
using Microsoft.Win32.SafeHandles;
using Muster.Core.Trees;
using Muster.Files;

namespace Muster.Testing;

/// <summary>
/// Does to what is there in a tree everything that can be done to it: other content, mode, owner, time and attributes, a file where a
/// directory was and the other way round, names exchanged. The same random numbers do the same. Needs root.
/// </summary>
public sealed class NastyChanges(Random random)
{
    private int made;

    /// <summary>Changes entries of an open tree, leaving alone what lies below the given names of its root.</summary>
    public async Task ApplyAsync(SafeFileHandle root, int count, IReadOnlyList<TreePath> except, CancellationToken cancellationToken)
    {
        var seen = await TreeScanner.ScanAsync(root, new ScanOptions { Exclusions = except, Threads = 1 }, TimeProvider.System, cancellationToken);
        var all = TreeWalk.Entries(seen.Tree).Where(found => !found.Path.IsRoot).OrderBy(found => found.Path).ToList();
        for (var change = 0; change < count && all.Count > 0; change++)
        {
            var (path, entry) = all[random.Next(all.Count)];

            // An earlier change may have taken it away.
            if (Linux.TryOpenBeneath(root, path.Parent.Bytes, OpenFlags.PathOnly | OpenFlags.Directory, 0, out var parent) == 0)
            {
                using (parent)
                {
                    var name = path.Name.ToArray();
                    if (Linux.FindStat(parent!, name)?.Kind == entry.Kind)
                    {
                        Change(root, parent!, name, entry.Kind);
                    }
                }
            }
        }
    }

    private void Change(SafeFileHandle root, SafeFileHandle parent, byte[] name, EntryKind kind)
    {
        switch (random.Next(7))
        {
            case 0:
                Linux.SetOwner(parent, name, (uint)random.Next(5000), (uint)random.Next(5000));
                break;
            case 1 when kind != EntryKind.Symlink:
                using (var entry = Linux.OpenBeneath(parent, name, OpenFlags.PathOnly))
                {
                    Linux.SetMode(entry, (ushort)random.Next(0x1000));
                }

                break;
            case 2:
                Linux.SetXattr(parent, name, "trusted.other"u8, "1"u8);
                break;
            case 3 when kind == EntryKind.File:
                using (var file = Linux.OpenBeneath(parent, name, OpenFlags.ReadWrite))
                {
                    Linux.Write(file, Encoding.ASCII.GetBytes($"changed {random.Next()}"), random.Next(200_000));
                }

                break;
            case 4 when kind == EntryKind.File:
                Linux.SetModified(parent, name, new FileTime(random.NextInt64(1L << 33), 1));
                break;
            case 5:
                Linux.Rename(parent, name, root, Fresh());
                break;
            default:
                Swap(root, parent, name, kind);
                break;
        }
    }

    // The old is moved away, as one that is removed would leave nothing to find out of place.
    private void Swap(SafeFileHandle root, SafeFileHandle parent, byte[] name, EntryKind kind)
    {
        Linux.Rename(parent, name, root, Fresh());
        if (kind == EntryKind.Directory)
        {
            Linux.OpenBeneath(parent, name, OpenFlags.Write | OpenFlags.Create | OpenFlags.Exclusive, 0x1A4).Dispose();
            return;
        }

        Linux.MakeDirectory(parent, name, 0x1ED);
        using var inside = Linux.OpenBeneath(parent, name, OpenFlags.Directory);
        Linux.MakeSymlink(inside, "inside"u8, "/etc/passwd"u8);
    }

    private byte[] Fresh() => Encoding.ASCII.GetBytes($"moved {made++} {random.Next()}");
}
