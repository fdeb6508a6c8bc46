using Microsoft.Extensions.Options;
using Muster.Core.Problems;
using Muster.Server.Database;

namespace Muster.Server.Identity;

/// <summary>Finds out who asks: a browser session, an API token. Rights are read at each call, so a change of them holds at once.</summary>
internal sealed class Callers(SqlDatabase database, TimeProvider time, IOptions<IdentityOptions> options)
{
    public const string Cookie = "__Host-muster";

    // A session or token in use is marked so at most this often: reads stay reads.
    private static readonly TimeSpan MarkEvery = TimeSpan.FromMinutes(1);

    /// <param name="markUsed">False for looking again on behalf of a request that goes on, which keeps no session alive.</param>
    public async Task<Caller?> FindAsync(HttpRequest request, bool markUsed, CancellationToken cancellationToken)
    {
        var authorization = request.Headers.Authorization.ToString();
        if (authorization.Length > 0)
        {
            return authorization.StartsWith("Bearer " + TokenStore.Prefix, StringComparison.Ordinal)
                ? await FindByTokenAsync(authorization["Bearer ".Length..], markUsed, cancellationToken)
                : throw new ProblemException(ProblemKind.Unauthenticated, "authorization.unknown", $"the Authorization header is 'Bearer {TokenStore.Prefix}…'");
        }

        return request.Cookies[Cookie] is { Length: > 0 } secret ? await FindBySessionAsync(secret, markUsed, cancellationToken) : null;
    }

    private async Task<Caller> FindByTokenAsync(string secret, bool markUsed, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var (token, caller) = await database.ReadAsync(
            async sql =>
            {
                var found = await TokenStore.FindByHashAsync(sql, SessionStore.Hash(secret), cancellationToken)
                    ?? throw new ProblemException(ProblemKind.Unauthenticated, "token.unknown", "this token is not known: it was deleted or never made here");
                if (found.Expires <= now)
                {
                    throw new ProblemException(ProblemKind.Unauthenticated, "token.expired", $"the token '{found.Name}' expired at {found.Expires:u}");
                }

                var user = await UserStore.FindAsync(sql, found.Organisation, found.User, cancellationToken);
                return (found, new Caller(CallerKind.Token, found.Organisation, found.Id.ToString(), found.Name)
                {
                    User = found.User,
                    Grants = await UserStore.ListGrantsAsync(sql, found.Organisation, found.User, cancellationToken),
                    Narrowed = found.Patterns,
                    MustChangePassword = user!.MustChangePassword,
                });
            },
            cancellationToken);
        if (markUsed && (token.Used is null || now - token.Used > MarkEvery))
        {
            await database.WriteAsync(sql => TokenStore.MarkUsedAsync(sql, token, now, cancellationToken), cancellationToken);
        }

        return caller;
    }

    private async Task<Caller?> FindBySessionAsync(string secret, bool markUsed, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var hash = SessionStore.Hash(secret);
        var (session, caller) = await database.ReadAsync(
            async sql =>
            {
                var found = await SessionStore.FindAsync(sql, hash, cancellationToken);
                if (found is null || now - found.Used > options.Value.SessionIdle || now - found.Created > options.Value.SessionLifetime)
                {
                    return default;
                }

                var user = await UserStore.FindAsync(sql, found.Organisation, found.User, cancellationToken);
                return (found, new Caller(CallerKind.User, found.Organisation, found.User.ToString(), user!.Name)
                {
                    User = found.User,
                    Grants = await UserStore.ListGrantsAsync(sql, found.Organisation, found.User, cancellationToken),
                    MustChangePassword = user.MustChangePassword,
                    Csrf = SessionStore.Csrf(secret),
                    Session = hash,
                });
            },
            cancellationToken);
        if (markUsed && session is not null && now - session.Used > MarkEvery)
        {
            await database.WriteAsync(sql => SessionStore.MarkUsedAsync(sql, session, now, cancellationToken), cancellationToken);
        }

        return caller;
    }
}
