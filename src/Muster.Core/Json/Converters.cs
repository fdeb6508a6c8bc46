using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Unicode;
using Muster.Core.Ids;
using Muster.Core.Objects;
using Muster.Core.Trees;

namespace Muster.Core.Json;

/// <summary>A digest as 64 lower-case hexadecimal digits.</summary>
public sealed class DigestConverter : JsonConverter<Digest>
{
    /// <inheritdoc/>
    public override Digest Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        Digest.TryParse(reader.GetString(), out var digest) ? digest : throw new JsonException("a digest is 64 lower-case hexadecimal digits");

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, Digest value, JsonSerializerOptions options) => writer.WriteStringValue(value.ToString());

    /// <inheritdoc/>
    public override Digest ReadAsPropertyName(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => Read(ref reader, typeToConvert, options);

    /// <inheritdoc/>
    public override void WriteAsPropertyName(Utf8JsonWriter writer, Digest value, JsonSerializerOptions options) => writer.WritePropertyName(value.ToString());
}

/// <summary>A path as a string with a leading slash where it is valid UTF-8, else <c>{"base64":"…"}</c> of its bytes without the slash.</summary>
public sealed class TreePathConverter : JsonConverter<TreePath>
{
    /// <inheritdoc/>
    public override TreePath Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        try
        {
            if (reader.TokenType == JsonTokenType.String)
            {
                return TreePath.FromText(reader.GetString() ?? "");
            }

            if (reader.TokenType != JsonTokenType.StartObject || !reader.Read() || !reader.ValueTextEquals("base64"u8) || !reader.Read())
            {
                throw new JsonException("a path is a string or {\"base64\": …}");
            }

            var path = TreePath.FromBytes(reader.GetBytesFromBase64());
            return reader.Read() && reader.TokenType == JsonTokenType.EndObject ? path : throw new JsonException("a path object holds only base64");
        }
        catch (Exception e) when (e is FormatException or InvalidOperationException)
        {
            throw new JsonException(e.Message, e);
        }
    }

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, TreePath value, JsonSerializerOptions options)
    {
        if (Utf8.IsValid(value.Bytes))
        {
            writer.WriteStringValue("/" + Encoding.UTF8.GetString(value.Bytes));
            return;
        }

        writer.WriteStartObject();
        writer.WriteBase64String("base64"u8, value.Bytes);
        writer.WriteEndObject();
    }
}

/// <summary>An id in its shown form.</summary>
public sealed class IdConverter<TKind> : JsonConverter<Id<TKind>>
    where TKind : IIdKind
{
    /// <inheritdoc/>
    public override Id<TKind> Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        Id<TKind>.TryParse(reader.GetString(), out var id) ? id : throw new JsonException($"an id that begins with {TKind.Prefix}_ is wanted");

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, Id<TKind> value, JsonSerializerOptions options) => writer.WriteStringValue(value.ToString());

    /// <inheritdoc/>
    public override Id<TKind> ReadAsPropertyName(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => Read(ref reader, typeToConvert, options);

    /// <inheritdoc/>
    public override void WriteAsPropertyName(Utf8JsonWriter writer, Id<TKind> value, JsonSerializerOptions options) => writer.WritePropertyName(value.ToString());
}
