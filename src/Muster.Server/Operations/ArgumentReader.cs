using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using Muster.Core.Problems;
using Muster.Protocol;
using Muster.Protocol.Operations;
using Muster.Server.Edge;

namespace Muster.Server.Operations;

/// <summary>
/// Reads an operation's arguments from JSON or from a query. Unknown members are ignored; every mistake is reported, together and by
/// the name the caller typed: what has the wrong form or is missing, and what the record itself says of the rest.
/// </summary>
internal static class ArgumentReader
{
    public static async Task<object> ReadBodyAsync(Type type, HttpRequest request, CancellationToken cancellationToken)
    {
        // Only reading tells: over HTTP/2 a body needs no header that announces it.
        var first = await request.BodyReader.ReadAsync(cancellationToken);
        var empty = first.IsCompleted && first.Buffer.IsEmpty;
        request.BodyReader.AdvanceTo(first.Buffer.Start);
        if (empty)
        {
            return Build(type, []);
        }

        JsonNode? node;
        try
        {
            node = await JsonNode.ParseAsync(request.Body, documentOptions: new JsonDocumentOptions { MaxDepth = 32, AllowDuplicateProperties = false }, cancellationToken: cancellationToken);
        }
        catch (JsonException e)
        {
            throw new ProblemException(ProblemKind.Invalid, "body.not-json", $"the body is not JSON: {e.Message}", e);
        }

        return node is JsonObject members
            ? Build(type, members)
            : throw new ProblemException(ProblemKind.Invalid, "body.not-object", "the body is a JSON object with the operation's arguments");
    }

    public static object ReadQuery(Type type, IQueryCollection query)
    {
        var members = new JsonObject();
        foreach (var property in Properties(type))
        {
            if (query.TryGetValue(property.Name, out var values))
            {
                members[property.Name] = FromQuery(property.PropertyType, [.. values.Select(value => value ?? string.Empty)]);
            }
        }

        return Build(type, members);
    }

    public static object Build(Type type, JsonObject members)
    {
        var faults = new Faults();
        var byName = new Dictionary<string, JsonNode?>(StringComparer.OrdinalIgnoreCase);
        foreach (var (name, value) in members)
        {
            byName[name] = value;
        }

        var known = new JsonObject();
        foreach (var property in Properties(type))
        {
            if (byName.TryGetValue(property.Name, out var value) && value is not null)
            {
                if (HoldsNul(value))
                {
                    // No database keeps it in a text.
                    faults.Add(property.Name, "has a NUL character in it");
                }
                else if (Reads(property, value))
                {
                    known[property.Name] = value.DeepClone();
                }
                else
                {
                    faults.Add(property.Name, $"is not {Expected(property.PropertyType)}");
                }
            }
            else if (property.IsRequired)
            {
                faults.Add(property.Name, "is missing");
            }
        }

        // What is wrong already stays out, and the record's own words about its absence are not news.
        var arguments = (IArguments)known.Deserialize(type, WireJson.Incomplete)!;
        var values = new Faults();
        arguments.Validate(values);
        var named = faults.Found.Select(fault => fault.Argument).ToHashSet();
        foreach (var fault in values.Found.Where(fault => !named.Contains(fault.Argument)))
        {
            faults.Add(fault.Argument, fault.Message);
        }

        faults.ThrowIfAny();
        return arguments;
    }

    /// <summary>The members that must not be readable in a plan.</summary>
    public static IEnumerable<string> SecretMembers(Type type) => Properties(type)
        .Where(property => property.PropertyType == typeof(Secret))
        .Select(property => property.Name);

    /// <summary>The members a caller can give.</summary>
    public static IEnumerable<JsonPropertyInfo> Properties(Type type) =>
        WireJson.Options.GetTypeInfo(type).Properties.Where(property => property.Set is not null || property.AssociatedParameter is not null);

    private static bool Reads(JsonPropertyInfo property, JsonNode value)
    {
        try
        {
            return !HoldsNull(value.Deserialize(property.PropertyType, WireJson.Options));
        }
        catch (Exception e) when (e is JsonException or FormatException or InvalidOperationException or NotSupportedException)
        {
            return false;
        }
    }

    // Annotations say whether a member may be null, but not whether an item of a list or dictionary may: none of ours may.
    private static bool HoldsNull(object? value) => value is System.Collections.IEnumerable items and not string
        && items.Cast<object?>().Any(item => item is null or KeyValuePair<string, string> { Value: null });

    private static bool HoldsNul(JsonNode? node) => node switch
    {
        JsonObject members => members.Any(member => HoldsNul(member.Value)),
        JsonArray items => items.Any(HoldsNul),
        JsonValue value when value.GetValueKind() == JsonValueKind.String => TextOf(value).Contains('\0', StringComparison.Ordinal),
        _ => false,
    };

    private static string TextOf(JsonValue value)
    {
        try
        {
            return value.GetValue<string>();
        }
        catch (InvalidOperationException)
        {
            // Half a character: that it is no text is said by whoever reads it.
            return string.Empty;
        }
    }

    private static JsonNode? FromQuery(Type type, string[] values)
    {
        var plain = Nullable.GetUnderlyingType(type) ?? type;
        if (plain != typeof(string) && ElementType(plain) is { } element)
        {
            return new JsonArray([.. values.Select(value => FromQuery(element, [value]))]);
        }

        var text = values[^1];
        if (plain == typeof(bool))
        {
            return text is "true" or "" ? true : text is "false" ? false : text;
        }

        return plain.IsPrimitive && decimal.TryParse(text, System.Globalization.CultureInfo.InvariantCulture, out var number) ? number : text;
    }

    private static Type? ElementType(Type type) => type.IsArray
        ? type.GetElementType()
        : type.IsGenericType && type.IsAssignableTo(typeof(System.Collections.IEnumerable)) && type.GetGenericArguments() is [var only] ? only : null;

    private static string Expected(Type type)
    {
        var plain = Nullable.GetUnderlyingType(type) ?? type;
        return plain switch
        {
            _ when plain == typeof(string) || plain == typeof(Secret) => "a text",
            _ when plain == typeof(bool) => "true or false",
            _ when plain == typeof(DateTimeOffset) => "a time such as 2026-01-31T12:00:00Z",
            _ when plain.IsEnum => "one of " + string.Join(", ", Enum.GetNames(plain).Select(JsonNamingPolicy.CamelCase.ConvertName)),
            _ when plain.IsPrimitive => "a number",
            _ when ElementType(plain) is { } element => "a list, each of it " + Expected(element),
            _ when plain.GetProperty("Value")?.PropertyType == typeof(Guid) => "an id",
            _ => "of the right form",
        };
    }
}
