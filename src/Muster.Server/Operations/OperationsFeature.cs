using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.AspNetCore.Http.Features;
using Muster.Core.Problems;
using Muster.Server.Database;
using Muster.Server.Edge;
using Muster.Server.Identity;

namespace Muster.Server.Operations;

/// <summary>Registers operations and gives each its route.</summary>
internal static class OperationsFeature
{
    public const string IdempotencyHeader = "Idempotency-Key";
    public const string PlanHeader = "Muster-Plan";
    private const long MaxBodyBytes = 8 << 20;

    public static IServiceCollection AddOperation<TOperation>(this IServiceCollection services)
        where TOperation : Operation => services.AddSingleton<Operation, TOperation>();

    public static WebApplicationBuilder AddOperations(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<OperationRegistry>();
        builder.Services.AddSingleton<OperationRunner>();
        builder.Services.AddSingleton<OperationsMetrics>();
        builder.Services.AddHostedService<PlanHousekeeping>();
        builder.Services.AddOperation<ListOperations>();
        return builder;
    }

    public static void MapOperations(this IEndpointRouteBuilder routes)
    {
        // Made now, so that its metrics are there before anything was done.
        _ = routes.ServiceProvider.GetRequiredService<OperationRunner>();
        foreach (var operation in routes.ServiceProvider.GetRequiredService<OperationRegistry>().All)
        {
            RequestDelegate handler = operation switch
            {
                ChangeOperation change => http => ChangeAsync(change, http),
                ReadOperation read => http => ReadAsync(read, http),
                StreamOperation stream => http => StreamAsync(stream, http),
                _ => throw new InvalidOperationException($"{operation.Name} is no kind of operation"),
            };
            routes.MapMethods(operation.Path, [operation.Method], handler).For(new Access.ByOperation(operation)).WithDisplayName(operation.Name);
        }

        routes.MapGet("/api/v1/plans/{hash}", ShowPlanAsync).For(new Access.SignedIn("needs the permission of the planned operation; a plan is its maker's"));
        routes.MapPost("/api/v1/plans/{hash}/apply", ApplyPlanAsync).For(new Access.SignedIn("needs the permission of the planned operation"));
    }

    private static async Task ChangeAsync(ChangeOperation operation, HttpContext http)
    {
        var cancellation = http.RequestAborted;
        var runner = http.RequestServices.GetRequiredService<OperationRunner>();
        LimitBody(http, MaxBodyBytes);
        var onlyPlan = WantsPlan(http.Request.Query);
        var arguments = await ArgumentReader.ReadBodyAsync(operation.Arguments, http.Request, cancellation);
        if (onlyPlan)
        {
            await http.Response.WriteAsJsonAsync(await runner.PlanAsync(operation, arguments, http.GetCaller(), cancellation), WireJson.Options, cancellation);
            return;
        }

        await WriteJsonAsync(http, await runner.RunAsync(operation, arguments, http.GetCaller(), IdempotencyKey(http.Request), cancellation));
    }

    private static async Task ReadAsync(ReadOperation operation, HttpContext http)
    {
        var cancellation = http.RequestAborted;
        LimitBody(http, MaxBodyBytes);
        var arguments = operation.Method == HttpMethods.Get
            ? ArgumentReader.ReadQuery(operation.Arguments, http.Request.Query)
            : await ArgumentReader.ReadBodyAsync(operation.Arguments, http.Request, cancellation);
        var database = http.RequestServices.GetRequiredService<SqlDatabase>();
        var now = http.RequestServices.GetRequiredService<TimeProvider>().GetUtcNow();
        var result = await database.ReadAsync(sql => operation.ReadUntypedAsync(arguments, new ReadContext(http.GetCaller(), sql, now), cancellation), cancellation);
        var bytes = JsonSerializer.SerializeToUtf8Bytes(result, operation.Result, WireJson.Options);

        // The tag names the content, so an unchanged answer costs its headers only; "private" because it depends on who asks.
        var tag = $"\"{Convert.ToHexStringLower(SHA256.HashData(bytes).AsSpan(0, 16))}\"";
        http.Response.Headers.ETag = tag;
        http.Response.Headers.CacheControl = "private, no-cache";
        if (http.Request.Headers.IfNoneMatch.Any(given => given is not null && given.Split(',').Any(one => one.Trim() == tag)))
        {
            http.Response.StatusCode = StatusCodes.Status304NotModified;
            return;
        }

        await WriteJsonAsync(http, bytes);
    }

    private static Task StreamAsync(StreamOperation operation, HttpContext http)
    {
        LimitBody(http, operation.MaxBodyBytes ?? 0);
        return operation.HandleAsync(http, http.GetCaller(), http.RequestAborted);
    }

    private static async Task ShowPlanAsync(HttpContext http)
    {
        var runner = http.RequestServices.GetRequiredService<OperationRunner>();
        var hash = (string)http.Request.RouteValues["hash"]!;
        var caller = http.GetCaller();
        var (plan, operation) = await runner.GetPlanAsync(hash, caller, http.RequestAborted);
        if (!caller.May(operation.Name, operation.Sensitive))
        {
            throw OperationRunner.NoPlan(hash);
        }

        await http.Response.WriteAsJsonAsync(plan, WireJson.Options, http.RequestAborted);
    }

    private static async Task ApplyPlanAsync(HttpContext http)
    {
        var hash = (string)http.Request.RouteValues["hash"]!;
        var caller = http.GetCaller();
        var runner = http.RequestServices.GetRequiredService<OperationRunner>();
        var (_, operation) = await runner.GetPlanAsync(hash, caller, http.RequestAborted);
        caller.Require(operation.Name, operation.Sensitive, operation.AllowedWhilePasswordMustChange);
        http.Response.Headers[PlanHeader] = hash;
        await WriteJsonAsync(http, await runner.ApplyAsync(hash, caller, http.RequestAborted));
    }

    // Whoever asks for a plan in words we do not know must not get the change itself.
    private static bool WantsPlan(IQueryCollection query) => query.TryGetValue("plan", out var given) && given switch
    {
        [var only] when string.Equals(only, "true", StringComparison.OrdinalIgnoreCase) || only == "1" => true,
        [var only] when string.Equals(only, "false", StringComparison.OrdinalIgnoreCase) || only == "0" => false,
        _ => throw new ProblemException([new Fault("plan", "true or false, once")]),
    };

    private static string? IdempotencyKey(HttpRequest request)
    {
        var key = request.Headers[IdempotencyHeader].ToString();
        return key.Length switch
        {
            0 => null,
            <= 200 => key,
            _ => throw new ProblemException(ProblemKind.Invalid, "idempotency.too-long", $"{IdempotencyHeader} has at most 200 characters"),
        };
    }

    private static void LimitBody(HttpContext http, long bytes)
    {
        if (http.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
        {
            limit.MaxRequestBodySize = bytes;
        }
    }

    private static async Task WriteJsonAsync(HttpContext http, byte[] json)
    {
        http.Response.ContentType = "application/json; charset=utf-8";
        http.Response.ContentLength = json.Length;
        await http.Response.Body.WriteAsync(json, http.RequestAborted);
    }
}
