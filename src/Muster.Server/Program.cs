using Muster.Core.Problems;
using Muster.Server.Certificates;
using Muster.Server.Compliance;
using Muster.Server.Database;
using Muster.Server.Database.Copying;
using Muster.Server.Edge;
using Muster.Server.Events;
using Muster.Server.Identity;
using Muster.Server.Images;
using Muster.Server.Machines;
using Muster.Server.Objects;
using Muster.Server.Objects.Moving;
using Muster.Server.Operations;
using Muster.Server.Tasks;

namespace Muster.Server;

/// <summary>The table of contents: what the server is made of, in order.</summary>
internal static class Program
{
    public static async Task<int> Main(string[] arguments)
    {
        try
        {
            var command = CommandLine.Parse(arguments);
            switch (command.Verb)
            {
                case "init":
                    return await Commands.InitAsync(command.Options);
                case "run":
                    return await Commands.RunAsync(command.Options);
                case "status":
                    return await Commands.StatusAsync(command.Options);
                case "migrate-database":
                    return await MigrateDatabase.RunAsync(command.Options, command.To!, CancellationToken.None);
                case "move-objects":
                    return await MoveObjects.RunAsync(command.Options, command.To!, CancellationToken.None);
                case "version":
                    Console.WriteLine(typeof(Program).Assembly.GetName().Version!.ToString(3));
                    return 0;
                default:
                    await Console.Out.WriteAsync(CommandLine.Usage);
                    return 0;
            }
        }
        catch (ProblemException problem)
        {
            return await Commands.ExplainAsync(problem);
        }
    }

    /// <summary>The whole server; <paramref name="adjust"/> is for tests that bring their own clock.</summary>
    public static WebApplication Build(ServerOptions options, Action<WebApplicationBuilder>? adjust = null)
    {
        Setup.PrepareDirectory(options);
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { ApplicationName = "muster-server", ContentRootPath = AppContext.BaseDirectory });
        builder.Services.AddRouting();
        builder.Services.AddSingleton(options);
        builder.Services.AddSingleton(TimeProvider.System);
        builder.Services.AddSingleton<Setup>();
        builder.WebHost.UseKestrelCore();
        builder.AddConfiguration(options);
        builder.AddDatabase(options);
        builder.AddSecrets(options);
        builder.AddCertificates();
        builder.AddEdge(options);
        builder.AddOperations();
        builder.AddEvents();
        builder.AddTasks();
        builder.AddIdentity();
        builder.AddObjects();
        builder.AddImages();
        builder.AddCompliance();
        builder.AddMachines();
        adjust?.Invoke(builder);

        var app = builder.Build();
        Settings.Check(app.Services, options);
        app.UseEdge();
        app.MapEdge(options);
        app.MapOperations();
        app.MapIdentity();
        app.MapMachines();
        return app;
    }
}
