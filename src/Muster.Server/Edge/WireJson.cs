using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Muster.Core.Ids;
using Muster.Core.Json;

namespace Muster.Server.Edge;

/// <summary>The server's JSON: members in camelCase, enums by name, ids as their text, absent rather than null (the same as MusterJson, for types only the server knows too).</summary>
internal static class WireJson
{
    public static JsonSerializerOptions Options { get; } = Make(complete: true);

    /// <summary>For a record whose missing or wrong members were found already: they stay at their defaults.</summary>
    public static JsonSerializerOptions Incomplete { get; } = Make(complete: false);

    /// <summary>For hashes: 64-bit integers are strings, because canonical JSON has only doubles.</summary>
    public static JsonSerializerOptions Hashed { get; } = Make(complete: true, new LongAsText());

    private static JsonSerializerOptions Make(bool complete, params JsonConverter[] more)
    {
        var options = new JsonSerializerOptions(JsonSerializerDefaults.Web)
        {
            DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
            NumberHandling = JsonNumberHandling.Strict,
            MaxDepth = 64,
            RespectNullableAnnotations = complete,
            TypeInfoResolver = new DefaultJsonTypeInfoResolver { Modifiers = { complete ? RequireWhatCannotBeMissing : static _ => { } } },
            Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        };
        foreach (var converter in more)
        {
            options.Converters.Add(converter);
        }

        options.Converters.Add(new JsonStringEnumConverter(JsonNamingPolicy.CamelCase, allowIntegerValues: false));
        options.Converters.Add(new IdConverterFactory());
        options.MakeReadOnly();
        return options;
    }

    // The serializer would leave null where the record promises that there is none.
    private static void RequireWhatCannotBeMissing(JsonTypeInfo type)
    {
        foreach (var property in type.Properties)
        {
            property.IsRequired |= property.Set is not null && property.AssociatedParameter is { HasDefaultValue: false, IsNullable: false } parameter
                && Nullable.GetUnderlyingType(parameter.ParameterType) is null;
        }
    }

    private sealed class LongAsText : JsonConverter<long>
    {
        public override long Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            long.Parse(reader.GetString()!, System.Globalization.CultureInfo.InvariantCulture);

        public override void Write(Utf8JsonWriter writer, long value, JsonSerializerOptions options) =>
            writer.WriteStringValue(value.ToString(System.Globalization.CultureInfo.InvariantCulture));
    }

    private sealed class IdConverterFactory : JsonConverterFactory
    {
        public override bool CanConvert(Type typeToConvert) => typeToConvert.IsGenericType && typeToConvert.GetGenericTypeDefinition() == typeof(Id<>);

        public override JsonConverter CreateConverter(Type typeToConvert, JsonSerializerOptions options) =>
            (JsonConverter)Activator.CreateInstance(typeof(IdConverter<>).MakeGenericType(typeToConvert.GetGenericArguments()))!;
    }
}
