using Muster.Core.Problems;
using Muster.Core.Trees;

namespace Muster.Files.Tar;

/// <summary>What is wrong with an archive, where in it, and at which member. The codes are stable.</summary>
internal static class TarProblem
{
    public static ProblemException At(string code, long offset, ReadOnlySpan<byte> member, string what)
        => new(ProblemKind.Invalid, $"tar.{code}", member.IsEmpty
            ? $"the archive cannot be used: {what} (at byte {offset})"
            : $"the archive cannot be used: {what} (member {TreeText.Show(member)} at byte {offset})");
}
