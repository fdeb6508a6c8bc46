using Muster.Core.Problems;
using Muster.Server.Secrets;

namespace Muster.Server.Objects.S3;

/// <summary>The key that requests are signed with, from a file as other programs of the field write it (one profile, <c>[default]</c> or none named).</summary>
internal sealed record S3Credentials(string AccessKey, string SecretKey, string? SessionToken)
{
    private const string Key = "aws_access_key_id", Secret = "aws_secret_access_key", Token = "aws_session_token";

    /// <exception cref="ProblemException">It is not there, others may read it, or it does not have the two lines. What is in it is not repeated.</exception>
    public static S3Credentials Read(string path)
    {
        var found = new Dictionary<string, string>();
        foreach (var line in SecretFile.Read(path, "objects.s3-credentials", "the S3 secret key").Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            if (line is ['#', ..] or [';', ..] or "[default]")
            {
                continue;
            }

            var at = line.IndexOf('=', StringComparison.Ordinal);
            if (at < 0 || line[..at].Trim() is not (Key or Secret or Token) || !found.TryAdd(line[..at].Trim(), line[(at + 1)..].Trim()))
            {
                throw Unread(path);
            }
        }

        return found.TryGetValue(Key, out var key) && found.TryGetValue(Secret, out var secret) && key != "" && secret != ""
            ? new S3Credentials(key, secret, found.GetValueOrDefault(Token))
            : throw Unread(path);
    }

    public override string ToString() => "***";

    private static ProblemException Unread(string path) => new(ProblemKind.Invalid, "objects.s3-credentials", $"{path} does not consist of a line '{Key} = …' and a line '{Secret} = …' (and perhaps '{Token} = …')");
}
