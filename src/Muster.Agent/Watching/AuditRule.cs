using System.Buffers.Binary;
using System.Globalization;
using System.Text;

namespace Muster.Agent.Watching;

/// <summary>
/// Our rule in the kernel's audit filter: "tell of every call that writes or changes attributes below this directory, but not
/// of ours". Its key carries who set it, so that a rule left by a killed agent is known as such and nobody else's is touched.
/// </summary>
internal static class AuditRule
{
    private const int MaskWords = 64, MaxFields = 64, HeaderSize = 12 + (MaskWords * 4) + (MaxFields * 12) + 4;
    private const uint FilterExit = 4, Always = 2;
    private const uint Equal = 0x40000000, NotEqual = 0x30000000;
    private const uint PidField = 0, MajorField = 100, MinorField = 101, PermissionField = 106, DirectoryField = 107, KeyField = 210;
    private const uint WriteOrAttributes = 2 | 8;
    private const string Prefix = "muster-";

    /// <summary>struct audit_rule_data for all below a directory.</summary>
    /// <param name="device">The directory's file system, so that what is mounted below it (every "> /dev/null") is not told; null if not known.</param>
    public static byte[] Below(string directory, (uint Major, uint Minor)? device, int ownProcess, string key)
    {
        var path = Encoding.UTF8.GetBytes(directory);
        var keyBytes = Encoding.ASCII.GetBytes(key);
        var rule = new byte[HeaderSize + path.Length + keyBytes.Length];
        Write(rule, 0, FilterExit);
        Write(rule, 4, Always);
        rule.AsSpan(12, MaskWords * 4).Fill(0xFF);
        Field(rule, DirectoryField, (uint)path.Length, Equal);
        Field(rule, PermissionField, WriteOrAttributes, Equal);
        Field(rule, PidField, (uint)ownProcess, NotEqual);
        if (device is var (major, minor))
        {
            Field(rule, MajorField, major, Equal);
            Field(rule, MinorField, minor, Equal);
        }

        Field(rule, KeyField, (uint)keyBytes.Length, Equal);
        Write(rule, HeaderSize - 4, (uint)(path.Length + keyBytes.Length));
        path.CopyTo(rule, HeaderSize);
        keyBytes.CopyTo(rule, HeaderSize + path.Length);
        return rule;
    }

    /// <summary>The key of a process's rules: its id, and when it started, since ids are used again.</summary>
    public static string KeyOf(int process, long startedAt) => string.Create(CultureInfo.InvariantCulture, $"{Prefix}{process}-{startedAt}");

    /// <summary>The process whose rule this is, or null where it is not one of ours.</summary>
    public static (int Process, long StartedAt)? Owner(ReadOnlySpan<byte> rule)
    {
        var key = Key(rule);
        return key.StartsWith(Prefix, StringComparison.Ordinal) && key[Prefix.Length..].Split('-') is [var process, var started]
            && int.TryParse(process, NumberStyles.None, CultureInfo.InvariantCulture, out var id)
            && long.TryParse(started, NumberStyles.None, CultureInfo.InvariantCulture, out var at) ? (id, at) : null;
    }

    private static string Key(ReadOnlySpan<byte> rule)
    {
        if (rule.Length < HeaderSize || Read(rule, 8) is var count && count > MaxFields)
        {
            return "";
        }

        // Texts of the fields lie one after another at the end; the value of such a field is its length.
        var texts = rule[HeaderSize..];
        for (var field = 0; field < count; field++)
        {
            var kind = Read(rule, FieldsAt + (field * 4));
            var value = (int)Math.Min(Read(rule, ValuesAt + (field * 4)), int.MaxValue);
            if (!HasText(kind))
            {
                continue;
            }

            if (value > texts.Length)
            {
                return "";
            }

            if (kind == KeyField)
            {
                return Encoding.Latin1.GetString(texts[..value]);
            }

            texts = texts[value..];
        }

        return "";
    }

    private const int FieldsAt = 12 + (MaskWords * 4);
    private const int ValuesAt = FieldsAt + (MaxFields * 4);
    private const int FlagsAt = ValuesAt + (MaxFields * 4);

    // SELinux subject and object labels, watch, directory, key, executable.
    private static bool HasText(uint field) => field is (>= 13 and <= 17) or (>= 19 and <= 23) or 105 or DirectoryField or KeyField or 112;

    private static void Field(byte[] rule, uint field, uint value, uint comparison)
    {
        var index = (int)Read(rule, 8);
        Write(rule, FieldsAt + (index * 4), field);
        Write(rule, ValuesAt + (index * 4), value);
        Write(rule, FlagsAt + (index * 4), comparison);
        Write(rule, 8, (uint)index + 1);
    }

    private static uint Read(ReadOnlySpan<byte> bytes, int at) => BinaryPrimitives.ReadUInt32LittleEndian(bytes[at..]);

    private static void Write(byte[] bytes, int at, uint value) => BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(at), value);
}
