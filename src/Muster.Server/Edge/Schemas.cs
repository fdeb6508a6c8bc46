using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using Muster.Core.Ids;
using Muster.Core.Objects;
using Muster.Core.Trees;
using Muster.Protocol;
using Muster.Protocol.Operations;
using Muster.Server.Operations;

namespace Muster.Server.Edge;

/// <summary>
/// JSON Schemas of the records that travel, from the same metadata that writes them, so that they cannot say something else.
/// A member is required in an answer unless it may be null, in arguments unless it has a default.
/// </summary>
internal sealed class Schemas
{
    private readonly Dictionary<string, Type> names = [];

    /// <summary>Every named record met so far.</summary>
    public SortedDictionary<string, JsonNode?> Components { get; } = new(StringComparer.Ordinal);

    public JsonNode Of(Type type)
    {
        var plain = Nullable.GetUnderlyingType(type) ?? type;
        if (Simple(plain) is { } simple)
        {
            return simple;
        }

        var info = WireJson.Options.GetTypeInfo(plain);
        return info.Kind switch
        {
            JsonTypeInfoKind.Enumerable => new JsonObject { ["type"] = "array", ["items"] = Of(ElementType(plain)) },
            JsonTypeInfoKind.Dictionary => new JsonObject { ["type"] = "object", ["additionalProperties"] = Of(plain.GetGenericArguments()[1]) },
            JsonTypeInfoKind.Object => Reference(plain, info),
            _ => throw new InvalidOperationException($"nobody said how {plain} looks in JSON"),
        };
    }

    private static JsonObject? Simple(Type type) => type switch
    {
        _ when type == typeof(string) || type == typeof(Secret) => Text(),
        _ when type == typeof(bool) => new JsonObject { ["type"] = "boolean" },
        _ when type == typeof(int) || type == typeof(short) || type == typeof(byte) => new JsonObject { ["type"] = "integer", ["format"] = "int32" },
        _ when type == typeof(long) || type == typeof(uint) || type == typeof(ulong) => new JsonObject { ["type"] = "integer", ["format"] = "int64" },
        _ when type == typeof(double) || type == typeof(float) => new JsonObject { ["type"] = "number" },
        _ when type == typeof(DateTimeOffset) => new JsonObject { ["type"] = "string", ["format"] = "date-time" },
        _ when type == typeof(byte[]) => new JsonObject { ["type"] = "string", ["contentEncoding"] = "base64" },
        _ when type == typeof(Digest) => Text("^[0-9a-f]{64}$"),
        _ when type == typeof(JsonElement) => [],
        _ when type == typeof(TreePath) => new JsonObject
        {
            ["oneOf"] = new JsonArray(Text(), new JsonObject
            {
                ["type"] = "object",
                ["properties"] = new JsonObject { ["base64"] = Text() },
                ["required"] = new JsonArray("base64"),
            }),
        },
        _ when type.IsGenericType && type.GetGenericTypeDefinition() == typeof(Id<>) => Text($"^{Prefix(type)}_[0-9a-f]{{32}}$"),
        _ when type.IsEnum => new JsonObject
        {
            ["type"] = "string",
            ["enum"] = new JsonArray([.. Enum.GetValuesAsUnderlyingType(type).Cast<object>().Select(value => JsonSerializer.SerializeToNode(Enum.ToObject(type, value), type, WireJson.Options))]),
        },
        _ => null,
    };

    private static JsonObject Text(string? pattern = null)
    {
        var text = new JsonObject { ["type"] = "string" };
        if (pattern is not null)
        {
            text["pattern"] = pattern;
        }

        return text;
    }

    private static string Prefix(Type id) =>
        (string)id.GetGenericArguments()[0].GetProperty(nameof(IIdKind.Prefix), BindingFlags.Public | BindingFlags.Static)!.GetValue(null)!;

    private static Type ElementType(Type type) => type.IsArray
        ? type.GetElementType()!
        : type.GetInterfaces().Append(type).First(one => one.IsGenericType && one.GetGenericTypeDefinition() == typeof(IEnumerable<>)).GetGenericArguments()[0];

    /// <summary><c>Listing&lt;ImageSummary&gt;</c> is called <c>ImageSummaryListing</c>.</summary>
    private static string Name(Type type) => type.IsGenericType
        ? string.Concat(type.GetGenericArguments().Select(Name)) + type.Name[..type.Name.IndexOf('`', StringComparison.Ordinal)]
        : type.Name;

    private JsonObject Reference(Type type, JsonTypeInfo info)
    {
        var name = Name(type);
        if (names.TryAdd(name, type))
        {
            Components[name] = null;
            Components[name] = Describe(type, info);
        }
        else if (names[name] != type)
        {
            throw new InvalidOperationException($"{type} and {names[name]} would have the same name in the API document");
        }

        return new JsonObject { ["$ref"] = "#/components/schemas/" + name };
    }

    private JsonObject Describe(Type type, JsonTypeInfo info)
    {
        var members = new JsonObject();
        var required = new JsonArray();
        foreach (var property in info.Properties.Where(property => property.Get is not null || property.Set is not null))
        {
            members[property.Name] = Of(property.PropertyType);
            if (type.IsAssignableTo(typeof(IArguments)) ? property.IsRequired : !IsNullable(property))
            {
                required.Add(property.Name);
            }
        }

        var schema = new JsonObject { ["type"] = "object", ["properties"] = members };
        if (required.Count > 0)
        {
            schema["required"] = required;
        }

        return schema;
    }

    private static bool IsNullable(JsonPropertyInfo property) =>
        property.PropertyType.IsValueType ? Nullable.GetUnderlyingType(property.PropertyType) is not null : property.IsGetNullable;
}
