using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using Muster.Core.Trees;

namespace Muster.Files.Tar;

/// <summary>Access control lists as tar writes them ("user::rw-,user:1000:r--,…") in the form the kernel keeps.</summary>
internal static class PosixAcl
{
    private const uint NoId = uint.MaxValue;

    /// <summary>Null where the list says no more than the mode does, which is then all that the kernel keeps.</summary>
    /// <param name="idOf">The number of a user (false) or group (true), or null.</param>
    public static byte[]? FromText(ReadOnlySpan<byte> text, Func<string, bool, uint?> idOf, TarMember member, bool isDefault)
    {
        var entries = new List<(ushort Tag, ushort Rights, uint Id)>();
        foreach (var line in Encoding.Latin1.GetString(text).Split(['\n', ',', '\0'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            var words = line.Split('#')[0].TrimEnd().Split(':');
            if (words is ["mask" or "m" or "other" or "o", { Length: >= 3 } shortRights])
            {
                words = [words[0], "", shortRights];
            }

            if (words.Length < 3 || Rights(words[2]) is not { } rights)
            {
                throw Wrong(line, member);
            }

            // star and libarchive append the number to a name; GNU tar writes it only where there is no name.
            var who = words.Length > 3 ? words[3] : words[1];
            uint id = NoId;
            if (words[1].Length > 0 && !uint.TryParse(who, NumberStyles.None, CultureInfo.InvariantCulture, out id))
            {
                id = idOf(words[1], words[0].StartsWith('g'))
                    ?? throw TarProblem.At("acl", member.Offset, member.Name, $"an access control list names {TreeText.Show(Encoding.Latin1.GetBytes(words[1]))}, whom /etc/passwd and /etc/group in the archive do not know");
            }

            entries.Add(((ushort)((words[0], words[1].Length > 0) switch
            {
                ("user" or "u", false) => 1,
                ("user" or "u", true) => 2,
                ("group" or "g", false) => 4,
                ("group" or "g", true) => 8,
                ("mask" or "m", false) => 16,
                ("other" or "o", false) => 32,
                _ => throw Wrong(line, member),
            }), rights, id));
        }

        if (entries.Count == 0 || (!isDefault && entries.TrueForAll(entry => entry.Tag is 1 or 4 or 32)))
        {
            return null;
        }

        entries.Sort(static (a, b) => (a.Tag, a.Id).CompareTo((b.Tag, b.Id)));
        var acl = new byte[4 + (entries.Count * 8)];
        BinaryPrimitives.WriteUInt32LittleEndian(acl, 2);
        for (var index = 0; index < entries.Count; index++)
        {
            var entry = acl.AsSpan(4 + (index * 8));
            BinaryPrimitives.WriteUInt16LittleEndian(entry, entries[index].Tag);
            BinaryPrimitives.WriteUInt16LittleEndian(entry[2..], entries[index].Rights);
            BinaryPrimitives.WriteUInt32LittleEndian(entry[4..], entries[index].Id);
        }

        return acl;
    }

    private static ushort? Rights(string text)
        => text.Length >= 3 && text[0] is 'r' or '-' && text[1] is 'w' or '-' && text[2] is 'x' or '-'
            ? (ushort)((text[0] == 'r' ? 4 : 0) | (text[1] == 'w' ? 2 : 0) | (text[2] == 'x' ? 1 : 0))
            : null;

    private static Core.Problems.ProblemException Wrong(string line, TarMember member)
        => TarProblem.At("acl", member.Offset, member.Name, $"an access control list has the line {TreeText.Show(Encoding.Latin1.GetBytes(line))}, which makes no sense");
}
