using Muster.Server.Secrets;

namespace Muster.Server.Database;

internal static class DatabaseFeature
{
    public static WebApplicationBuilder AddDatabase(this WebApplicationBuilder builder, ServerOptions options)
    {
        builder.Services.AddSingleton<SqlDialect>(_ => options.DatabaseConnectionFile is { } file ? new PostgresDialect(ConnectionFile.Read(file)) : new SqliteDialect(options.DatabaseFile));
        builder.Services.AddSingleton<SqlDatabase>();
        builder.Services.AddSingleton<Leases>();
        return builder;
    }

    public static WebApplicationBuilder AddSecrets(this WebApplicationBuilder builder, ServerOptions options)
    {
        builder.Services.AddSingleton(_ => new Sealer(KeyFile.Read(options.DataDirectory)));
        builder.Services.AddSingleton<SecretStore>();
        return builder;
    }
}
