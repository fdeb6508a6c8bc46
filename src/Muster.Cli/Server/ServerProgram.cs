using System.Runtime.InteropServices;
using Muster.Core.Problems;

namespace Muster.Cli.Server;

/// <summary>
/// <c>muster server …</c> becomes <c>muster-server …</c> on this host, with the same words: setting up and running a server needs no API.
/// This process is replaced, so that signals and the exit code are the server's own. Run by root it becomes the user of the
/// service, so that the service can read what it made.
/// </summary>
internal static partial class ServerProgram
{
    private const string Name = "muster-server", ServiceUser = "muster";

    public static int Become(IReadOnlyList<string> words, Func<string, string?> environment)
    {
        var program = Find(environment) ?? throw new ProblemException(ProblemKind.NotFound, "server.not-installed",
            $"{Name} is neither beside this program nor in PATH: this host is no server; to make it one, install the package {Name}");
        if (Environment.IsPrivilegedProcess && !words.Contains("--data") && HasServiceUser())
        {
            // Root's present folder is nobody else's.
            Environment.CurrentDirectory = "/";
            Replace("/usr/bin/setpriv", [$"--reuid={ServiceUser}", $"--regid={ServiceUser}", "--clear-groups", program, .. words]);
        }

        Replace(program, words);
        return 0;
    }

    private static unsafe void Replace(string program, IReadOnlyList<string> words)
    {
        string[] arguments = [program, .. words];
        var native = (nint*)NativeMemory.Alloc((nuint)(arguments.Length + 1) * (nuint)sizeof(nint));
        for (var index = 0; index < arguments.Length; index++)
        {
            native[index] = Marshal.StringToCoTaskMemUTF8(arguments[index]);
        }

        native[arguments.Length] = 0;
        _ = execv(program, native);

        // Only a failed execv comes back.
        throw new ProblemException(ProblemKind.Unavailable, "server.not-started", $"cannot start {program}: {Marshal.GetLastPInvokeErrorMessage()}");
    }

    private static bool HasServiceUser() => File.ReadLines("/etc/passwd").Any(line => line.StartsWith(ServiceUser + ":", StringComparison.Ordinal));

    private static string? Find(Func<string, string?> environment)
    {
        var folders = new[] { AppContext.BaseDirectory }.Concat((environment("PATH") ?? "").Split(':', StringSplitOptions.RemoveEmptyEntries));
        return folders.Select(folder => Path.Combine(folder, Name)).FirstOrDefault(File.Exists);
    }

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static unsafe partial int execv(string path, nint* arguments);
}
