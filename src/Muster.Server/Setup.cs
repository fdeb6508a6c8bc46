using Muster.Core.Problems;
using Muster.Server.Certificates;
using Muster.Server.Database;
using Muster.Server.Identity;
using Muster.Server.Secrets;

namespace Muster.Server;

/// <summary>Makes an empty data directory into an installation. Run on every start, it only adds what is missing.</summary>
internal sealed class Setup(SqlDatabase database, DatabaseUse use, ServerCertificates certificates, Passwords passwords, ServerOptions options, TimeProvider time)
{
    public const string AdministratorName = "admin";

    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    /// <summary>What has to be there before anything opens the database.</summary>
    public static void PrepareDirectory(ServerOptions options)
    {
        try
        {
            Directory.CreateDirectory(options.DataDirectory, OwnerOnly);
            CloseToOthers(options.DataDirectory);
        }
        catch (UnauthorizedAccessException e)
        {
            throw new ProblemException(ProblemKind.Denied, "data.denied", $"cannot write to the data directory {options.DataDirectory}: {e.Message}", e);
        }
        catch (IOException e)
        {
            throw new ProblemException(e.HResult == 28 ? ProblemKind.Full : ProblemKind.Unavailable, "data.unusable", $"cannot use the data directory {options.DataDirectory}: {e.Message}", e);
        }
    }

    /// <summary>Returns the administrator's one-time password if it was made just now.</summary>
    public async Task<string?> RunAsync(CancellationToken cancellationToken)
    {
        await use.EnsureAsync(cancellationToken);
        await Migrator.MigrateAsync(database, Migrator.Embedded, time, cancellationToken);

        // A key that was lost is never replaced: what was sealed with it would be lost as well, and nobody told.
        if (await database.ReadAsync(sql => sql.GetAsync<long>("SELECT count(*) FROM secrets", null, cancellationToken), cancellationToken) == 0)
        {
            KeyFile.Ensure(options.DataDirectory);
        }

        // The administrator comes last: once there is one its password must be told, so nothing may fail in between.
        await certificates.LoadAsync(cancellationToken);
        return await database.WriteAsync(sql => EnsureAdministratorAsync(sql, cancellationToken), cancellationToken);
    }

    /// <summary>
    /// A new one-time password for an administrator who never chose one: the first may have been lost before anybody read it. Null where
    /// the administrator has a password of their own.
    /// </summary>
    public Task<string?> RenewOneTimePasswordAsync(CancellationToken cancellationToken) =>
        database.WriteAsync(
            async sql =>
            {
                if (await UserStore.FindForLoginAsync(sql, AdministratorName, cancellationToken) is not { MustChangePassword: true } administrator)
                {
                    return null;
                }

                var password = Passwords.OneTime();
                await UserStore.SetPasswordAsync(sql, administrator, passwords.Make(password), mustChange: true, cancellationToken);
                await SessionStore.EndOthersAsync(sql, administrator, kept: null, cancellationToken);
                return password;
            },
            cancellationToken);

    // The database, its backups and the objects (which hold other machines' secrets) rely on this door.
    private static void CloseToOthers(string directory)
    {
        if ((File.GetUnixFileMode(directory) & ~OwnerOnly) != 0)
        {
            File.SetUnixFileMode(directory, OwnerOnly);
        }
    }

    private async Task<string?> EnsureAdministratorAsync(WriteSql sql, CancellationToken cancellationToken)
    {
        if (await sql.GetAsync<long>("SELECT count(*) FROM installation", null, cancellationToken) > 0)
        {
            return null;
        }

        var now = time.GetUtcNow();
        var organisation = OrganisationId.New(time);
        await sql.ExecuteAsync(
            "INSERT INTO installation (\"only\", installation, epoch, created) VALUES (1, @installation, 1, @now)",
            new { installation = InstallationId.New(time), now },
            cancellationToken);
        await sql.ExecuteAsync(
            "INSERT INTO organisations (organisation, name, created) VALUES (@organisation, 'main', @now)",
            new { organisation, now },
            cancellationToken);
        await sql.ExecuteAsync(
            "INSERT INTO event_numbers (organisation, newest, forgotten) VALUES (@organisation, 0, 0)",
            new { organisation },
            cancellationToken);
        var password = Passwords.OneTime();
        var user = new User
        {
            Organisation = organisation,
            Id = UserId.New(time),
            Name = AdministratorName,
            Password = passwords.Make(password),
            MustChangePassword = true,
            Version = 1,
        };
        await UserStore.AddAsync(sql, user, now, cancellationToken);
        await UserStore.GrantAsync(sql, organisation, user.Id, "*.*", Guid.CreateVersion7(now), now, cancellationToken);
        return password;
    }
}
