using Muster.Dev;
using Muster.Testing;

using var stop = new CancellationTokenSource();
Console.CancelKeyPress += (_, pressed) =>
{
    pressed.Cancel = true;
    stop.Cancel();
};
Directory.SetCurrentDirectory(Repository.Root);

try
{
    return args switch
    {
        ["up", .. var options] => await UpCommand.RunAsync(options, stop.Token),
        ["test", .. var options] => await TestCommand.RunAsync(options, stop.Token),
        ["golden", .. var options] => await GoldenCommand.RunAsync(options, stop.Token),
        ["bench", .. var options] => await BenchCommand.RunAsync(options, stop.Token),
        ["package", .. var options] => await PackageCommand.RunAsync(options, stop.Token),
        _ => Usage(),
    };
}
catch (OperationCanceledException) when (stop.IsCancellationRequested)
{
    return 130;
}
catch (DevException e)
{
    Console.Error.WriteLine($"dev: {e.Message}");
    return 1;
}

static int Usage()
{
    Console.Error.WriteLine("""
        usage: ./dev up [--simulate N] [--port N]               a server, a real machine and a walk through the main job
               ./dev test [--long] [--filter NAME] [--seed N]   build and run every test; the last line is the sum
               ./dev golden [--filter NAME]                     rewrite the golden files; the diff is the review
               ./dev bench [--rounds N]                         measure, and write docs/reference/benchmarks.md
               ./dev package                                    Debian packages and archives in artifacts/packages
        """);
    return 2;
}
