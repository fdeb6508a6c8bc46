using Muster.Cli.Running;
using Muster.Core.Problems;

namespace Muster.Cli.SigningIn;

/// <summary>Passwords come from a prompt, a file or standard input: never from the arguments, which every user of the computer can read.</summary>
internal static class Passwords
{
    public static string Read(Surroundings around, string? file, string prompt, string argument)
    {
        if (file is not null)
        {
            return FirstLine(around, file, argument);
        }

        if (around.InIsTerminal)
        {
            around.Error.Write(prompt + ": ");
            around.Error.Flush();
        }

        return around.ReadSecret() is { Length: > 0 } typed
            ? typed
            : throw new ProblemException([new Fault(argument, "no password was given: type it, pipe it in, or name a file that holds it")]);
    }

    /// <summary>A new password; typed twice where nobody can see it.</summary>
    public static string ReadNew(Surroundings around, string? file, string argument)
    {
        var first = Read(around, file, "New password (at least 12 characters)", argument);
        if (file is null && around.InIsTerminal && Read(around, null, "New password again", argument) != first)
        {
            throw new ProblemException([new Fault(argument, "the two passwords are not the same; nothing was changed")]);
        }

        return first;
    }

    private static string FirstLine(Surroundings around, string file, string argument)
    {
        try
        {
            using var reader = file == "-" ? around.In : new StreamReader(file);
            return reader.ReadLine() is { Length: > 0 } line ? line : throw new ProblemException([new Fault(argument, $"the first line of {file} is empty")]);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ProblemException([new Fault(argument, e.Message)]);
        }
    }
}
