using Microsoft.Extensions.DependencyInjection;
using Muster.Server;
using Muster.Server.Database;
using Muster.Server.Identity;

namespace Muster.Testing;

/// <summary>
/// A token for what drives a server in place of a person. It belongs to a user of its own, so that the administrator's
/// one-time password stays for the person it was made for.
/// </summary>
public static class InstallationAccess
{
    private const string Name = "dev";

    /// <summary>The server must not be running on the folder.</summary>
    public static async Task<string> MakeTokenAsync(string data, CancellationToken cancellationToken, string? databaseFile = null)
    {
        await using var app = Server.Program.Build(new ServerOptions { DataDirectory = data, Listen = "127.0.0.1:0", DatabaseConnectionFile = databaseFile });
        var database = app.Services.GetRequiredService<SqlDatabase>();
        var time = app.Services.GetRequiredService<TimeProvider>();
        var secret = TokenStore.NewSecret();
        await database.WriteAsync(
            async sql =>
            {
                var now = time.GetUtcNow();
                var user = await UserStore.FindForLoginAsync(sql, Name, cancellationToken) ?? await AddUserAsync(sql, time, cancellationToken);
                var token = new ApiToken
                {
                    Organisation = user.Organisation,
                    Id = TokenId.New(time),
                    User = user.Id,
                    Owner = user.Name,
                    Name = $"dev {now:yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'}",
                    Operations = "*.*",
                    Created = now,
                    Expires = now + TimeSpan.FromDays(365),
                };
                await TokenStore.AddAsync(sql, token, SessionStore.Hash(secret), cancellationToken);
            },
            cancellationToken);
        return secret;
    }

    private static async Task<User> AddUserAsync(WriteSql sql, TimeProvider time, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var administrator = await UserStore.FindForLoginAsync(sql, Setup.AdministratorName, cancellationToken)
            ?? throw new InvalidOperationException("the folder holds no installation");
        var user = new User
        {
            Organisation = administrator.Organisation,
            Id = UserId.New(time),
            Name = Name,

            // Nobody knows it: this user comes with a token only.
            Password = new Passwords().Make(Passwords.OneTime()),
            MustChangePassword = false,
            Version = 1,
        };
        await UserStore.AddAsync(sql, user, now, cancellationToken);
        await UserStore.GrantAsync(sql, user.Organisation, user.Id, "*.*", Guid.CreateVersion7(now), now, cancellationToken);
        return user;
    }
}
