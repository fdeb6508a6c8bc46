using System.Text;
using Muster.Protocol.Machines;

namespace Muster.Server.Machines;

/// <summary>Text that an agent sent: of bounded length, and without characters that a terminal or a column would obey.</summary>
internal static class CleanText
{
    public static string? Of(string? text, int most)
    {
        if (text is null)
        {
            return null;
        }

        var clean = new StringBuilder(Math.Min(text.Length, most));
        foreach (var rune in text.EnumerateRunes())
        {
            if (clean.Length + rune.Utf16SequenceLength > most)
            {
                break;
            }

            clean.Append(Rune.IsControl(rune) || Rune.GetUnicodeCategory(rune) == System.Globalization.UnicodeCategory.Format ? " " : rune.ToString());
        }

        return clean.ToString();
    }

    public static MachineFacts Of(MachineFacts facts) => facts with
    {
        HostName = Of(facts.HostName, 253)!,
        OperatingSystem = Of(facts.OperatingSystem, 200)!,
        Kernel = Of(facts.Kernel, 200)!,
        Architecture = Of(facts.Architecture, 50)!,
        RootFileSystem = Of(facts.RootFileSystem, 50)!,
        Features = [.. facts.Features.Take(100).Select(feature => Of(feature, 100)!)],
    };

    public static Culprit? Of(Culprit? culprit) => culprit is null ? null : culprit with
    {
        Process = Of(culprit.Process, 200),
        Executable = Of(culprit.Executable, 4096),
        CommandLine = Of(culprit.CommandLine, 4096),
        Login = Of(culprit.Login, 200),
        User = Of(culprit.User, 200),
        Unit = Of(culprit.Unit, 300),
        Container = Of(culprit.Container, 200),
        Parents = [.. culprit.Parents.Take(32).Select(parent => Of(parent, 300)!)],
        Source = Of(culprit.Source, 20)!,
    };
}
