using Xunit;

namespace Muster.Testing;

/// <summary>
/// Programs and kernel abilities that a test needs and a computer may lack. At home such a test is skipped and says what
/// is missing; where <c>MUSTER_REQUIRE_PEERS</c> is set, as in CI, it fails instead.
/// </summary>
public static class Peer
{
    public static bool AreRequired => Environment.GetEnvironmentVariable("MUSTER_REQUIRE_PEERS") is { Length: > 0 } and not "0";

    /// <summary>The full path of a program.</summary>
    public static string Require(string program) => Find(program) ?? throw Missing($"program {program}");

    /// <summary>Mounts, file owners and fanotify are root's.</summary>
    public static void RequireRoot()
    {
        if (!Environment.IsPrivilegedProcess)
        {
            throw Missing("root");
        }
    }

    public static string? Find(string program) => Environment.GetEnvironmentVariable("PATH")?
        .Split(':', StringSplitOptions.RemoveEmptyEntries).Concat(["/usr/sbin", "/sbin"])
        .Select(folder => Path.Combine(folder, program)).FirstOrDefault(File.Exists);

    /// <summary>Skips the running test, or gives the exception that fails it.</summary>
    public static Exception Missing(string what)
    {
        if (!AreRequired)
        {
            Assert.Skip($"needs {what}");
        }

        return new InvalidOperationException($"needs {what}, and MUSTER_REQUIRE_PEERS is set");
    }
}
