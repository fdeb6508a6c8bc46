using System.Runtime.InteropServices;
using Muster.Agent.Scanning;
using Muster.Protocol.Machines;

namespace Muster.Agent.Identity;

/// <summary>What this host says of itself.</summary>
internal static class HostFacts
{
    private static readonly string[] Features = ["image", "monitor"];

    public static MachineFacts Of(string root, IFileTree? files, bool culprits, long cacheBytes, long cacheLimit) => new(
        Environment.MachineName,
        SystemName(root),
        Kernel(),
        RuntimeInformation.ProcessArchitecture.ToString().ToLowerInvariant(),
        Environment.ProcessorCount,
        GC.GetGCMemoryInfo().TotalAvailableMemoryBytes,
        files?.FileSystem ?? "unknown",
        files?.Changes is not null,
        culprits,
        Features,
        cacheBytes,
        cacheLimit);

    // Its own words: as a version number, 6.1.0-27-amd64 loses what tells one Debian kernel from the next.
    private static string Kernel() => File.ReadAllText("/proc/sys/kernel/osrelease").Trim();

    private static string SystemName(string root)
    {
        foreach (var place in (string[])["etc/os-release", "usr/lib/os-release"])
        {
            try
            {
                var line = File.ReadLines(Path.Combine(root, place)).Take(100).FirstOrDefault(line => line.StartsWith("PRETTY_NAME=", StringComparison.Ordinal));
                if (line is not null)
                {
                    return line["PRETTY_NAME=".Length..].Trim('"');
                }
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // A root without that file is told as what it is below.
            }
        }

        return "Linux";
    }
}
