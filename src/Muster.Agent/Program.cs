using Muster.Agent;
using Muster.Core.Problems;
using Muster.Files;

Linux.ShareArena();
try
{
    switch (args)
    {
        case ["run", .. var rest]:
            await Commands.RunAsync(rest, CancellationToken.None);
            return 0;
        case ["join", .. var rest]:
            await Commands.JoinAsync(rest, CancellationToken.None);
            return 0;
        case ["status", .. var rest]:
            return Commands.Status(rest);
        case ["simulate", .. var rest]:
            await Muster.Agent.Simulating.SimulateCommand.RunAsync(rest, CancellationToken.None);
            return 0;
        case ["version"]:
            Console.WriteLine(Muster.Agent.Session.ServerConnection.Build);
            return 0;
        default:
            Console.Error.WriteLine(Commands.Help);
            return args is ["help" or "--help" or "-h"] ? 0 : 2;
    }
}
catch (ProblemException e)
{
    Console.Error.WriteLine($"muster-agent: {e.Message}");
    return e.Kind switch
    {
        ProblemKind.Invalid or ProblemKind.TooLarge => 2,
        ProblemKind.Denied or ProblemKind.Unauthenticated => 3,
        ProblemKind.NotFound => 4,
        ProblemKind.Conflict => 5,
        ProblemKind.Unavailable or ProblemKind.Throttled => 75,
        ProblemKind.Full => 74,
        _ => 70,
    };
}
