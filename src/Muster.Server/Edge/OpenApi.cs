using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using Muster.Protocol.Edge;
using Muster.Protocol.Identity;
using Muster.Protocol.Operations;
using Muster.Server.Operations;

namespace Muster.Server.Edge;

/// <summary>The API described by itself: an OpenAPI 3.1 document made from the registry of operations.</summary>
internal static class OpenApi
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        var everybody = new Access.Everybody("describes the API, which is public");
        var document = new Lazy<byte[]>(() => JsonSerializer.SerializeToUtf8Bytes(Describe(routes.ServiceProvider.GetRequiredService<OperationRegistry>()), WireJson.Options));
        routes.MapGet("/api/openapi.json", http => WriteAsync(http, document.Value, "application/json; charset=utf-8")).For(everybody);
        routes.MapGet("/api", http => WriteAsync(http, Page("index.html"), "text/html; charset=utf-8")).For(everybody);
        routes.MapGet("/api/page.js", http => WriteAsync(http, Page("page.js"), "text/javascript; charset=utf-8")).For(everybody);
        routes.MapGet("/api/page.css", http => WriteAsync(http, Page("page.css"), "text/css; charset=utf-8")).For(everybody);
    }

    public static JsonObject Describe(OperationRegistry registry)
    {
        var schemas = new Schemas();
        var paths = new SortedDictionary<string, JsonNode?>(StringComparer.Ordinal);
        foreach (var operation in registry.All)
        {
            paths[operation.Path] = new JsonObject { [operation.Method.ToLowerInvariant()] = Describe(operation, schemas) };
        }

        paths["/api/v1/login"] = Fixed("post", "login", "Signs in; the answer sets the session's cookie.", typeof(Login), typeof(Me), schemas);
        paths["/api/v1/login"]!["post"]!["security"] = new JsonArray();
        paths["/api/v1/logout"] = Fixed("post", "logout", "Ends the session.", null, null, schemas);
        paths["/api/v1/me"] = Fixed("get", "me", "Says who you are and what you may do.", null, typeof(Me), schemas);
        paths["/api/v1/plans/{hash}"] = Fixed("get", "plan", "Shows a plan of yours.", null, typeof(Plan), schemas, Hash());
        paths["/api/v1/plans/{hash}/apply"] = Fixed("post", "apply", "Applies a plan of yours, once; asked again it returns the first result, whose form is that of the planned operation.", null, typeof(JsonElement), schemas, Hash());
        schemas.Of(typeof(Problem));
        return new JsonObject
        {
            ["openapi"] = "3.1.0",
            ["info"] = new JsonObject
            {
                ["title"] = "Muster",
                ["version"] = "1",
                ["description"] = "Every change may first be asked for with ?plan=true: it answers with a plan, and POST /api/v1/plans/HASH/apply applies exactly that.",
            },
            ["security"] = new JsonArray(new JsonObject { ["token"] = new JsonArray() }, new JsonObject { ["session"] = new JsonArray() }),
            ["paths"] = new JsonObject(paths),
            ["components"] = new JsonObject
            {
                ["securitySchemes"] = new JsonObject
                {
                    ["token"] = new JsonObject { ["type"] = "http", ["scheme"] = "bearer" },
                    ["session"] = new JsonObject { ["type"] = "apiKey", ["in"] = "cookie", ["name"] = Identity.Callers.Cookie },
                },
                ["schemas"] = new JsonObject(schemas.Components),
            },
        };
    }

    private static JsonObject Describe(Operation operation, Schemas schemas)
    {
        var parameters = new JsonArray();
        var entry = new JsonObject
        {
            ["operationId"] = operation.Name,
            ["summary"] = operation.Summary,
            ["tags"] = new JsonArray(operation.Name[..operation.Name.IndexOf('.', StringComparison.Ordinal)]),
            ["x-sensitive"] = operation.Sensitive,
        };
        switch (operation)
        {
            case ChangeOperation change:
                parameters.Add(Parameter("plan", "query", "true plans instead of changing anything", new JsonObject { ["type"] = "boolean" }));
                parameters.Add(Parameter(OperationsFeature.IdempotencyHeader, "header", "asked twice with the same key it is done once", new JsonObject { ["type"] = "string", ["maxLength"] = 200 }));
                entry["requestBody"] = Body(schemas.Of(change.Arguments));
                entry["responses"] = Responses(new JsonObject { ["oneOf"] = new JsonArray(schemas.Of(change.Result), schemas.Of(typeof(Plan))) }, schemas);
                break;
            case ReadOperation { Method: "GET" } read:
                foreach (var property in ArgumentReader.Properties(read.Arguments))
                {
                    var parameter = Parameter(property.Name, "query", null, schemas.Of(property.PropertyType));
                    parameter["required"] = property.IsRequired;
                    parameters.Add(parameter);
                }

                entry["responses"] = Responses(schemas.Of(read.Result), schemas);
                break;
            case ReadOperation read:
                entry["requestBody"] = Body(schemas.Of(read.Arguments));
                entry["responses"] = Responses(schemas.Of(read.Result), schemas);
                break;
            case StreamOperation stream:
                foreach (var read in stream.Parameters)
                {
                    var parameter = Parameter(read.Name, read.In, read.Description, schemas.Of(read.Type ?? typeof(string)));
                    parameter["required"] = read.Required;
                    parameters.Add(parameter);
                }

                if (stream.Consumes is { } consumed)
                {
                    entry["requestBody"] = Body(Bytes(), consumed);
                }

                entry["responses"] = Responses(stream.Result is { } result ? schemas.Of(result) : Bytes(), schemas, stream.Produces);
                break;
        }

        if (parameters.Count > 0)
        {
            entry["parameters"] = parameters;
        }

        return entry;
    }

    private static JsonObject Fixed(string method, string id, string summary, Type? body, Type? answer, Schemas schemas, params JsonNode[] parameters)
    {
        var entry = new JsonObject
        {
            ["operationId"] = id,
            ["summary"] = summary,
            ["tags"] = new JsonArray("Session"),
            ["responses"] = answer is null ? new JsonObject { ["204"] = new JsonObject { ["description"] = "Done." } } : Responses(schemas.Of(answer), schemas),
        };
        if (body is not null)
        {
            entry["requestBody"] = Body(schemas.Of(body));
        }

        if (parameters.Length > 0)
        {
            entry["parameters"] = new JsonArray(parameters);
        }

        return new JsonObject { [method] = entry };
    }

    private static JsonObject Hash()
    {
        var parameter = Parameter("hash", "path", "the plan's hash", new JsonObject { ["type"] = "string" });
        parameter["required"] = true;
        return parameter;
    }

    private static JsonObject Parameter(string name, string where, string? description, JsonNode schema)
    {
        var parameter = new JsonObject { ["name"] = name, ["in"] = where, ["schema"] = schema };
        if (description is not null)
        {
            parameter["description"] = description;
        }

        return parameter;
    }

    private static JsonObject Body(JsonNode schema, string type = "application/json") =>
        new() { ["required"] = true, ["content"] = new JsonObject { [type] = new JsonObject { ["schema"] = schema } } };

    private static JsonObject Bytes() => new() { ["type"] = "string", ["format"] = "binary" };

    private static JsonObject Responses(JsonNode schema, Schemas schemas, string type = "application/json") => new()
    {
        ["200"] = new JsonObject { ["description"] = "Done.", ["content"] = new JsonObject { [type] = new JsonObject { ["schema"] = schema } } },
        ["default"] = new JsonObject
        {
            ["description"] = "Not done, and why.",
            ["content"] = new JsonObject { [Problem.MediaType] = new JsonObject { ["schema"] = schemas.Of(typeof(Problem)) } },
        },
    };

    private static byte[] Page(string name)
    {
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream("Api/" + name)!;
        using var copy = new MemoryStream();
        stream.CopyTo(copy);
        return copy.ToArray();
    }

    private static async Task WriteAsync(HttpContext http, byte[] bytes, string type)
    {
        http.Response.ContentType = type;
        http.Response.ContentLength = bytes.Length;
        http.Response.Headers.CacheControl = "no-cache";
        await http.Response.Body.WriteAsync(bytes, http.RequestAborted);
    }
}
