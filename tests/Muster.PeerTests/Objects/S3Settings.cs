using System.Text.Json;
using Muster.Server.Objects.S3;

namespace Muster.PeerTests.Objects;

internal static class S3Settings
{
    /// <summary>A server's settings file.</summary>
    /// <param name="store">Where its objects are.</param>
    /// <param name="options">The bucket.</param>
    public static string Json(string store, S3Options options) => JsonSerializer.Serialize(new { Objects = new { Store = store }, S3 = options });
}
