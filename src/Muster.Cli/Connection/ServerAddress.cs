using Muster.Core.Problems;

namespace Muster.Cli.Connection;

/// <summary>Where a server is, as a person types it.</summary>
internal static class ServerAddress
{
    public const int DefaultPort = 8443;

    /// <summary>The name under which a server shows the certificate of Muster's own authority. Never looked up in DNS.</summary>
    public const string MutualName = "mtls.muster.internal";

    /// <summary>Reads <c>https://muster.example:8443</c>, or the same without scheme or port.</summary>
    public static Uri Parse(string text, string argument)
    {
        var typed = text.Contains("://", StringComparison.Ordinal) ? text : "https://" + text;
        if (!Uri.TryCreate(typed, UriKind.Absolute, out var address) || address.Scheme != Uri.UriSchemeHttps || address.Host.Length == 0
            || address.UserInfo.Length > 0 || address.AbsolutePath != "/" || address.Query.Length > 0)
        {
            throw new ProblemException([new Fault(argument, $"'{text}' is not the address of a server, such as https://muster.example:{DefaultPort}")]);
        }

        // 443 cannot be told from "no port" in a Uri, so it is looked for in the text.
        var port = address.IsDefaultPort && !typed.TrimEnd('/').EndsWith(":443", StringComparison.Ordinal) ? DefaultPort : address.Port;
        return new UriBuilder(Uri.UriSchemeHttps, address.Host, port).Uri;
    }

    public static string Show(Uri address) => $"https://{address.Host}:{address.Port}";
}
