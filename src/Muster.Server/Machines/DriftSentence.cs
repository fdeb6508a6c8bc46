using System.Globalization;
using Muster.Protocol.Agent;
using Muster.Protocol.Machines;

namespace Muster.Server.Machines;

/// <summary>Says in one sentence what happened: <c>Restored /etc/motd 14 ms after vim (alice) changed it.</c> The only place where such sentences are made.</summary>
internal static class DriftSentence
{
    public static string Of(DriftReport drift, string shown)
    {
        var who = Who(drift.Culprit);
        var did = drift.What switch { "created" => "created", "deleted" => "deleted", "moved" => "moved", _ => "changed" };
        var found = who is null
            ? drift.FoundBy == "scan" ? "a scan found it " + did : "it was " + did
            : $"{who} {did} it";
        return drift.Outcome switch
        {
            "restored" when drift.Microseconds is { } microseconds => $"Restored {shown} {Duration(microseconds)} after {found}.",
            "restored" => $"Restored {shown} after {found}.",
            "war" => $"Left {shown} alone: {who ?? "something"} changes it again and again.",
            "failed" => $"Could not restore {shown} after {found}.",
            _ => $"Saw that {found.Replace(" it", $" {shown}", StringComparison.Ordinal)}.",
        };
    }

    private static string? Who(Culprit? culprit)
    {
        if (culprit is null)
        {
            return null;
        }

        var process = culprit.Process ?? Path.GetFileName(culprit.Executable) ?? $"process {culprit.Pid.ToString(CultureInfo.InvariantCulture)}";
        var behind = culprit.Login ?? culprit.Unit ?? culprit.Container ?? culprit.User;
        return behind is null ? process : $"{process} ({behind})";
    }

    private static string Duration(long microseconds) => microseconds switch
    {
        < 1000 => string.Create(CultureInfo.InvariantCulture, $"{Math.Max(0, microseconds)} µs"),
        < 10_000 => string.Create(CultureInfo.InvariantCulture, $"{microseconds / 1000.0:0.0} ms"),
        < 1_000_000 => string.Create(CultureInfo.InvariantCulture, $"{microseconds / 1000} ms"),
        < 120_000_000 => string.Create(CultureInfo.InvariantCulture, $"{microseconds / 1_000_000.0:0.0} s"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{microseconds / 60_000_000} min"),
    };
}
