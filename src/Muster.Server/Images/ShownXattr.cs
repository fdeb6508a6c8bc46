using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using System.Text.Unicode;
using Muster.Core.Trees;
using Muster.Protocol.Images;

namespace Muster.Server.Images;

/// <summary>Values of extended attributes for people: capabilities as getcap(8) and ACLs as getfacl(1) write them, else text, else hexadecimal.</summary>
internal static class ShownXattr
{
    private static readonly string[] Capabilities =
    [
        "chown", "dac_override", "dac_read_search", "fowner", "fsetid", "kill", "setgid", "setuid", "setpcap", "linux_immutable", "net_bind_service",
        "net_broadcast", "net_admin", "net_raw", "ipc_lock", "ipc_owner", "sys_module", "sys_rawio", "sys_chroot", "sys_ptrace", "sys_pacct", "sys_admin",
        "sys_boot", "sys_nice", "sys_resource", "sys_time", "sys_tty_config", "mknod", "lease", "audit_write", "audit_control", "setfcap", "mac_override",
        "mac_admin", "syslog", "wake_alarm", "block_suspend", "audit_read", "perfmon", "bpf", "checkpoint_restore",
    ];

    public static ImageXattr Show(Xattr xattr)
    {
        var name = TreeText.Show(xattr.Name);
        var shown = name switch
        {
            "security.capability" => ShowCapabilities(xattr.Value),
            "system.posix_acl_access" or "system.posix_acl_default" => ShowAcl(xattr.Value),
            _ => null,
        };
        return new ImageXattr(name, shown ?? ShowValue(xattr.Value));
    }

    // struct vfs_cap_data: magic with flags, then (permitted, inheritable) twice, then the root of a user namespace in version 3.
    private static string? ShowCapabilities(ReadOnlySpan<byte> value)
    {
        if (value.Length is not (20 or 24))
        {
            return null;
        }

        var magic = BinaryPrimitives.ReadUInt32LittleEndian(value);
        if (magic >> 24 != (value.Length == 20 ? 2 : 3))
        {
            return null;
        }

        var permitted = BinaryPrimitives.ReadUInt32LittleEndian(value[4..]) | ((ulong)BinaryPrimitives.ReadUInt32LittleEndian(value[12..]) << 32);
        var inheritable = BinaryPrimitives.ReadUInt32LittleEndian(value[8..]) | ((ulong)BinaryPrimitives.ReadUInt32LittleEndian(value[16..]) << 32);
        var effective = (magic & 1) != 0 ? "e" : "";
        var groups = new[] { (permitted & inheritable, $"{effective}ip"), (permitted & ~inheritable, $"{effective}p"), (inheritable & ~permitted, $"{effective}i") };
        var shown = string.Join(' ', groups.Where(group => group.Item1 != 0).Select(group => $"{Names(group.Item1)}={group.Item2}"));
        var root = value.Length == 24 && BinaryPrimitives.ReadUInt32LittleEndian(value[20..]) is var id and > 0 ? $" [rootid={id}]" : "";
        return (shown.Length > 0 ? shown : "=") + root;
    }

    private static string Names(ulong bits) => string.Join(
        ',',
        Enumerable.Range(0, 64).Where(bit => (bits >> bit & 1) != 0).Select(bit => "cap_" + (bit < Capabilities.Length ? Capabilities[bit] : bit.ToString(CultureInfo.InvariantCulture))));

    // Version 2, then entries of tag (2), permissions (2), id (4).
    private static string? ShowAcl(ReadOnlySpan<byte> value)
    {
        if (value.Length < 4 || (value.Length - 4) % 8 != 0 || BinaryPrimitives.ReadUInt32LittleEndian(value) != 2)
        {
            return null;
        }

        var lines = new List<string>();
        for (var entry = value[4..]; !entry.IsEmpty; entry = entry[8..])
        {
            var id = BinaryPrimitives.ReadUInt32LittleEndian(entry[4..]).ToString(CultureInfo.InvariantCulture);
            var who = BinaryPrimitives.ReadUInt16LittleEndian(entry) switch
            {
                0x01 => "user:",
                0x02 => "user:" + id,
                0x04 => "group:",
                0x08 => "group:" + id,
                0x10 => "mask:",
                0x20 => "other:",
                _ => null,
            };
            if (who is null)
            {
                return null;
            }

            var bits = BinaryPrimitives.ReadUInt16LittleEndian(entry[2..]);
            lines.Add($"{who}:{((bits & 4) != 0 ? 'r' : '-')}{((bits & 2) != 0 ? 'w' : '-')}{((bits & 1) != 0 ? 'x' : '-')}");
        }

        return string.Join(", ", lines);
    }

    private static string ShowValue(ReadOnlySpan<byte> value)
    {
        var text = value.TrimEnd((byte)0);
        return Utf8.IsValid(text) && !text.ContainsAnyInRange((byte)0, (byte)31) ? Encoding.UTF8.GetString(text) : "0x" + Convert.ToHexStringLower(value);
    }
}
