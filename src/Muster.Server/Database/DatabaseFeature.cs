using Muster.Server.Edge;
using Muster.Server.Secrets;

namespace Muster.Server.Database;

internal static class DatabaseFeature
{
    public static WebApplicationBuilder AddDatabase(this WebApplicationBuilder builder, ServerOptions options)
    {
        builder.Services.AddSingleton<SqlDialect>(_ => options.DatabaseConnectionFile is { } file ? new PostgresDialect(ConnectionFile.Read(file)) : new SqliteDialect(options.DatabaseFile));
        builder.Services.AddSingleton<SqlDatabase>();
        builder.Services.AddSingleton<Leases>();
        builder.Services.AddSingleton(services => new ReadinessCheck(cancellation => RequireWritableAsync(services.GetRequiredService<SqlDatabase>(), cancellation)));
        return builder;
    }

    public static WebApplicationBuilder AddSecrets(this WebApplicationBuilder builder, ServerOptions options)
    {
        builder.Services.AddSingleton(_ => new Sealer(() => KeyFile.Read(options.DataDirectory)));
        builder.Services.AddSingleton<SecretStore>();
        return builder;
    }

    // A page is written though nothing in it changes, so a full disk or one that only reads is found.
    private static Task<int> RequireWritableAsync(SqlDatabase database, CancellationToken cancellationToken) =>
        database.WriteAsync(sql => sql.ExecuteAsync("UPDATE installation SET epoch = epoch", null, cancellationToken), cancellationToken);
}
