using System.Runtime.InteropServices;

namespace Muster.Agent;

/// <summary>
/// The TLS and zstd libraries that lie in the agent's folder. .NET asks the system's loader for them by their bare names, which finds
/// the system's or nothing; a library that is loaded already answers to its name, so these are loaded first, by path.
/// </summary>
internal static class OwnLibraries
{
    // libssl needs libcrypto, by its bare name too.
    private static readonly string[] InOrder = ["libcrypto.so.3", "libssl.so.3", "libzstd.so.1"];

    /// <summary>To be called before anything is hashed or unpacked. Where the folder has none (a build for development) the system's are used.</summary>
    public static void Load()
    {
        foreach (var name in InOrder)
        {
            var path = Path.Combine(AppContext.BaseDirectory, name);
            if (File.Exists(path))
            {
                NativeLibrary.Load(path);
            }
        }
    }
}
