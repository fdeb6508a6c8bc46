using Microsoft.Win32.SafeHandles;
using Muster.Core.Trees;
using Muster.Files;

namespace Muster.Agent.Applying;

/// <summary>The immutable and append-only flags, which stop even root.</summary>
internal static class Flags
{
    /// <summary>Lifts the flags of an entry; true if there were any.</summary>
    public static bool Lift(SafeFileHandle directory, ReadOnlySpan<byte> name)
    {
        if (Linux.TryStat(directory, name, out var stat) != 0 || stat.Kind is not (EntryKind.File or EntryKind.Directory) || !(stat.Immutable || stat.AppendOnly))
        {
            return false;
        }

        var flags = OpenFlags.Read | OpenFlags.NonBlocking;
        using var handle = name.IsEmpty
            ? Linux.OpenBeneath(directory, "."u8, flags | OpenFlags.Directory)
            : Linux.OpenBeneath(directory, name, stat.Kind == EntryKind.Directory ? flags | OpenFlags.Directory : flags);
        return Linux.LiftFlags(handle);
    }
}
