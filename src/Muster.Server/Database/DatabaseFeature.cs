using Muster.Server.Edge;
using Muster.Server.Secrets;

namespace Muster.Server.Database;

internal static class DatabaseFeature
{
    public static WebApplicationBuilder AddDatabase(this WebApplicationBuilder builder, ServerOptions options)
    {
        builder.Services.AddSingleton(_ => Open(options));
        builder.Services.AddSingleton<SqlDatabase>();
        builder.Services.AddSingleton<DatabaseUse>();
        builder.Services.AddSingleton<Leases>();
        builder.Services.AddSingleton<Neighbours>();
        builder.Services.AddHostedService(services => services.GetRequiredService<Neighbours>());
        builder.Services.AddHostedService<NeighbourListener>();
        builder.Services.AddSingleton(services => new ReadinessCheck(cancellation => RequireWritableAsync(services.GetRequiredService<SqlDatabase>(), cancellation)));
        return builder;
    }

    /// <summary>The database that the options name.</summary>
    public static SqlDialect Open(ServerOptions options) =>
        options.DatabaseConnectionFile is { } file ? new PostgresDialect(ConnectionFile.Read(file)) : new SqliteDialect(options.DatabaseFile);

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
