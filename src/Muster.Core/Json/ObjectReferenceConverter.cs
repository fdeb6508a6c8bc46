using System.Text.Json;
using System.Text.Json.Serialization;
using Muster.Core.Objects;

namespace Muster.Core.Json;

/// <summary>A typed reference as <c>directory:9f86…</c>.</summary>
public sealed class ObjectReferenceConverter : JsonConverter<ObjectReference>
{
    /// <inheritdoc/>
    public override ObjectReference Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        ObjectReference.TryParse(reader.GetString(), out var reference)
            ? reference
            : throw new JsonException("expected an object reference such as file:9f86… with 64 lower-case hexadecimal digits");

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, ObjectReference value, JsonSerializerOptions options) => writer.WriteStringValue(value.ToString());
}
