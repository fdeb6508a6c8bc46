using System.Diagnostics;
using System.Globalization;
using Muster.Core.Problems;
using Muster.Server.Database;

namespace Muster.Server.Objects.Moving;

/// <summary><c>muster server move-objects --to folder|s3</c>: takes an installation's objects to the other store.</summary>
internal static class MoveObjects
{
    /// <param name="options">Say which installation; its settings describe both stores.</param>
    /// <param name="to"><c>folder</c> or <c>s3</c>.</param>
    public static async Task<int> RunAsync(ServerOptions options, string to, CancellationToken cancellationToken)
    {
        if (options.DatabaseConnectionFile is null && !File.Exists(options.DatabaseFile))
        {
            throw new ProblemException(ProblemKind.NotFound, "database.no-installation", $"there is no database {options.DatabaseFile}; name the installation's folder with --data");
        }

        await using var app = Program.Build(options);
        var stores = app.Services.GetRequiredService<ObjectStores>();
        var database = app.Services.GetRequiredService<SqlDatabase>();
        await using var alone = await DatabaseUse.TakeAloneAsync(database.Dialect, cancellationToken);
        await Migrator.MigrateAsync(database, Migrator.Embedded, TimeProvider.System, cancellationToken);
        var clock = Stopwatch.StartNew();
        var copy = new ObjectCopy(
            stores.Open(ObjectStores.IsS3(to) ? ObjectStores.FolderWord : ObjectStores.S3Word),
            stores.Open(to),
            database,
            app.Services.GetRequiredService<ObjectStorePlace>(),
            app.Services.GetRequiredService<DamagedObjects>(),
            TimeProvider.System);
        var copied = await copy.RunAsync(cancellationToken);
        await Console.Out.WriteAsync(string.Create(CultureInfo.InvariantCulture, $"""
            Copied {copied.Objects:N0} objects with {copied.Bytes:N0} bytes to '{copied.To}' in {clock.Elapsed.TotalSeconds:F1} s; {copied.Present:N0} were there already. Each was checked against its name.
            {(copied.Damaged == 0 ? "" : $"{copied.Damaged:N0} were damaged and stayed behind; adding the images that have them again heals them.\n")}
            What to do next:
              1. In {Path.Combine(options.DataDirectory, "server.json")} set "Store": "{to}" in the section "Objects", and start the server. With the old setting it does not start.
              2. When all is well, remove what is left: {(ObjectStores.IsS3(to) ? $"the folders file, directory, tree, image and incoming in {stores.Folder}" : "everything below S3:Prefix in the bucket")}.

            """));
        return 0;
    }
}
