using System.Net;
using System.Net.Sockets;
using Muster.Core.Problems;
using Muster.Protocol.Identity;
using Muster.Server.Database;
using Muster.Server.Edge;
using Muster.Server.Operations;

namespace Muster.Server.Identity;

/// <summary>Signing in, out, and <c>me</c>: the three things that are no operation.</summary>
internal sealed class LoginApi(SqlDatabase database, PasswordCheck passwords, IdentityMetrics metrics, TimeProvider time)
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        var api = routes.ServiceProvider.GetRequiredService<LoginApi>();
        routes.MapPost("/api/v1/login", (RequestDelegate)api.LoginAsync).For(new Access.Everybody("how one becomes somebody"));
        routes.MapPost("/api/v1/logout", (RequestDelegate)api.LogoutAsync).For(new Access.SignedIn("ends the caller's own session"));
        routes.MapGet("/api/v1/me", (RequestDelegate)api.MeAsync).For(new Access.SignedIn("shows the caller to themselves"));
    }

    private async Task LoginAsync(HttpContext http)
    {
        var cancellation = http.RequestAborted;
        AccessMiddleware.RequireOwnOrigin(http.Request);
        var login = (Login)await ArgumentReader.ReadBodyAsync(typeof(Login), http.Request, cancellation);
        var address = http.Connection.RemoteIpAddress;
        var user = await database.ReadAsync(sql => UserStore.FindForLoginAsync(sql, login.Name, cancellation), cancellation);
        if (!await passwords.IsRightAsync(login.Name, Place(address), login.Password, user?.Password, cancellation))
        {
            metrics.Login("wrong");
            throw new ProblemException(ProblemKind.Unauthenticated, "login.wrong", "name or password is wrong");
        }

        metrics.Login("good");
        var secret = SessionStore.NewSecret();
        var anew = passwords.IsOutdated(user!.Password) ? await passwords.MakeAsync(login.Password, cancellation) : null;
        await database.WriteAsync(
            async sql =>
            {
                await SessionStore.AddAsync(sql, user, SessionStore.Hash(secret), address?.ToString() ?? "unknown", time.GetUtcNow(), cancellation);
                if (anew is not null)
                {
                    await UserStore.SetPasswordAsync(sql, user, anew, user.MustChangePassword, cancellation);
                }
            },
            cancellation);
        http.Response.Cookies.Append(Callers.Cookie, secret, Cookie());
        var caller = new Caller(CallerKind.User, user.Organisation, user.Id.ToString(), user.Name)
        {
            User = user.Id,
            Grants = await database.ReadAsync(sql => UserStore.ListGrantsAsync(sql, user.Organisation, user.Id, cancellation), cancellation),
            MustChangePassword = user.MustChangePassword,
            Csrf = SessionStore.Csrf(secret),
        };
        await WriteMeAsync(http, caller);
    }

    // Whoever has one IPv6 address has a whole /64 of them.
    private static string Place(IPAddress? address)
    {
        var plain = address is { IsIPv4MappedToIPv6: true } ? address.MapToIPv4() : address;
        return plain is { AddressFamily: AddressFamily.InterNetworkV6 } ? new IPNetwork(Cut(plain), 64).ToString() : plain?.ToString() ?? "unknown";
    }

    private static IPAddress Cut(IPAddress address)
    {
        var bytes = address.GetAddressBytes();
        bytes.AsSpan(8).Clear();
        return new IPAddress(bytes);
    }

    private async Task LogoutAsync(HttpContext http)
    {
        var caller = http.GetCaller();
        if (caller.Session is { } session)
        {
            await database.WriteAsync(sql => SessionStore.EndAsync(sql, caller.Organisation, session, http.RequestAborted), http.RequestAborted);
        }

        http.Response.Cookies.Delete(Callers.Cookie, Cookie());
        http.Response.StatusCode = StatusCodes.Status204NoContent;
    }

    private Task MeAsync(HttpContext http) => WriteMeAsync(http, http.GetCaller());

    private async Task WriteMeAsync(HttpContext http, Caller caller)
    {
        var organisation = await database.ReadAsync(sql => UserStore.GetOrganisationAsync(sql, caller.Organisation, http.RequestAborted), http.RequestAborted);
        var me = new Me(
            caller.Kind.ToString().ToLowerInvariant(),
            caller.Id,
            caller.Name,
            caller.Organisation,
            organisation.Name,
            caller.MustChangePassword,
            caller.Csrf,
            caller.Patterns);
        http.Response.Headers.CacheControl = "no-store";
        await http.Response.WriteAsJsonAsync(me, WireJson.Options, http.RequestAborted);
    }

    private static CookieOptions Cookie() => new() { Secure = true, HttpOnly = true, SameSite = SameSiteMode.Strict, Path = "/" };
}
