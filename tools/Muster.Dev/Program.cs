using System.Runtime.InteropServices;
using Muster.Dev;
using Muster.Testing;

// However it is asked to stop, it stops what it started.
using var stop = new CancellationTokenSource();
using var interrupted = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
using var terminated = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
using var hungUp = PosixSignalRegistration.Create(PosixSignal.SIGHUP, Stop);
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
catch (Exception e) when (e is DevException or CommandException)
{
    Console.Error.WriteLine($"dev: {e.Message}");
    return 1;
}

void Stop(PosixSignalContext signal)
{
    signal.Cancel = true;
    stop.Cancel();
}

static int Usage()
{
    Console.Error.WriteLine("""
        usage: ./dev up [--simulate N] [--port N] [--data DIR]  a server, a real machine and a walk through the main job
                      [--database postgres]              on a PostgreSQL of its own instead of SQLite
               ./dev test [--long] [--filter NAME] [--seed N]   build and run every test; the last line is the sum
               ./dev golden [--filter NAME]                     rewrite the golden files; the diff is the review
               ./dev bench [--rounds N] [--only PART]           measure, and write docs/reference/benchmarks.md
               ./dev package                                    Debian packages and archives in artifacts/packages
        """);
    return 2;
}
