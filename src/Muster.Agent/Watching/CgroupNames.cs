using System.Text;
using System.Text.RegularExpressions;
using Muster.Core.Trees;

namespace Muster.Agent.Watching;

/// <summary>Reads from a process's control group which systemd unit it belongs to and which container it runs in.</summary>
internal static partial class CgroupNames
{
    /// <param name="text">/proc/PID/cgroup: lines of "hierarchy:controllers:path".</param>
    public static (string? Unit, string? Container) Of(string? text)
    {
        string? unit = null, container = null;
        foreach (var line in (text ?? "").Split('\n'))
        {
            if (line.Split(':', 3) is not [var hierarchy, var controllers, var path])
            {
                continue;
            }

            container ??= Container(path);
            if (hierarchy == "0" || controllers == "name=systemd")
            {
                unit ??= path.Split('/').LastOrDefault(part => part.EndsWith(".service", StringComparison.Ordinal) || part.EndsWith(".scope", StringComparison.Ordinal));
            }
        }

        return (Shown(unit), Shown(container));
    }

    private static string? Container(string path)
    {
        // docker, podman, containerd and cri-o name a container by 64 digits; the first twelve are what their tools show.
        if (LongId().Match(path) is { Success: true } match)
        {
            return match.Value[..12];
        }

        return MachineName().Match(path) is { Success: true } name ? name.Groups[1].Value : null;
    }

    private static string? Shown(string? name) => name is null ? null : TreeText.Show(Encoding.UTF8.GetBytes(name[..Math.Min(name.Length, 255)]));

    [GeneratedRegex("(?<![0-9a-f])[0-9a-f]{64}(?![0-9a-f])", RegexOptions.CultureInvariant)]
    private static partial Regex LongId();

    // systemd-nspawn and machinectl; lxc.
    [GeneratedRegex(@"(?:/machine\.slice/machine-|/systemd-nspawn@|/lxc\.payload\.)([^/]+?)(?:\.scope|\.service)?(?:/|$)", RegexOptions.CultureInvariant)]
    private static partial Regex MachineName();
}
