namespace Muster.Testing.Agents;

/// <summary>
/// Describes a folder with the system's own tools and none of our code, so that a fault in our scanner cannot hide one in our agent.
/// </summary>
public static class Independent
{
    // Inode numbers become the first name that has them; of directories neither size nor time is ours, of links no time and no mode.
    private const string Script = """
        set -eu
        cd "$1"
        export LC_ALL=C
        find . \( -path ./.muster-agent -o -path ./var/lib/muster-agent -o -path ./lost+found \) -prune -o -print0 | sort -z | xargs -0 stat --printf '%n\t%F\t%a\t%u\t%g\t%s\t%t:%T\t%.9Y\t%i\0' \
            | awk -v RS='\0' -v ORS='\0' -F'\t' '{ n = NF; inode = $n; time = $(n-1); size = $(n-3)
                kind = $(n-7); name = $1; for (i = 2; i < n - 7; i++) name = name "\t" $i
                if (kind == "directory") { size = "-"; time = "-"; inode = "-" } else if (kind == "symbolic link") { time = "-"; $(n-6) = "-" }
                if (inode != "-") { if (!(inode in first)) first[inode] = name; inode = first[inode] }
                print name "\t" kind "\t" $(n-6) "\t" $(n-5) "\t" $(n-4) "\t" size "\t" $(n-2) "\t" time "\t" inode }'
        find . \( -path ./.muster-agent -o -path ./var/lib/muster-agent -o -path ./lost+found \) -prune -o -type f -print0 | sort -z | xargs -0r sha256sum -z
        find . \( -path ./.muster-agent -o -path ./var/lib/muster-agent -o -path ./lost+found \) -prune -o -type l -print0 | sort -z | xargs -0r -n1 readlink -z
        find . \( -path ./.muster-agent -o -path ./var/lib/muster-agent -o -path ./lost+found \) -prune -o -print0 | sort -z | xargs -0 getfattr -dhP -m - -e hex -- | tr '\n' '\0'
        """;

    /// <summary>A text, one entry a line; two folders with the same text are the same.</summary>
    public static async Task<string> DescribeAsync(string folder, CancellationToken cancellationToken)
    {
        Peer.Require("getfattr");
        var described = await Command.RunAsync("bash", ["-c", Script, "describe", folder], cancellationToken);
        return described.Replace('\0', '\n');
    }

    /// <summary>How many bytes of the disk each regular file takes, by path.</summary>
    public static async Task<IReadOnlyDictionary<string, long>> MeasureAsync(string folder, CancellationToken cancellationToken)
    {
        // What is not written yet is counted by some file systems only when it is.
        await Command.RunAsync("sync", ["-f", folder], cancellationToken);
        var measured = await Command.RunAsync("find", [folder, "-path", $"{folder}/.muster-agent", "-prune", "-o", "-type", "f", "-printf", "%b %P\\0"], cancellationToken);
        return measured.Split('\0', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split(' ', 2))
            .ToDictionary(parts => parts[1], parts => 512 * long.Parse(parts[0], System.Globalization.CultureInfo.InvariantCulture));
    }

    /// <summary>Null where the folder changed while it was looked at.</summary>
    public static async Task<string?> TryDescribeAsync(string folder, CancellationToken cancellationToken)
    {
        var described = await Command.TryAsync("bash", ["-c", Script, "describe", folder], cancellationToken);
        return described.ExitCode == 0 ? described.Output.Replace('\0', '\n') : null;
    }
}
