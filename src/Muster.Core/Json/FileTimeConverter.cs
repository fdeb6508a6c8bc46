using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Muster.Core.Trees;

namespace Muster.Core.Json;

/// <summary>A file's time as <c>"SECONDS.NNNNNNNNN"</c>: seconds since 1970 (negative before) and always nine digits of nanoseconds counted forward from them.</summary>
public sealed class FileTimeConverter : JsonConverter<FileTime>
{
    /// <inheritdoc/>
    public override FileTime Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        var text = reader.GetString().AsSpan();
        var dot = text.IndexOf('.');
        return dot > 0 && text.Length == dot + 10
            && long.TryParse(text[..dot], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var seconds)
            && uint.TryParse(text[(dot + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out var nanoseconds)
            ? new FileTime(seconds, nanoseconds)
            : throw new JsonException("expected a time such as \"1700000000.000000000\"");
    }

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, FileTime value, JsonSerializerOptions options) =>
        writer.WriteStringValue(string.Create(CultureInfo.InvariantCulture, $"{value.Seconds}.{value.Nanoseconds:D9}"));
}
