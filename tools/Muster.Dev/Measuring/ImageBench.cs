namespace Muster.Dev;

/// <summary>Making images of the benchmark root.</summary>
internal static class ImageBench
{
    public static async Task<IReadOnlyList<Measurement>> RunAsync(BenchGround ground, int rounds, CancellationToken cancellationToken)
    {
        const string How = "muster images add NAME --from ROOT --yes";
        var first = new Measurement("add to an empty store", How, "under 6 s", "20.4 s", "s");
        var firstProcessor = new Measurement("the same, processor of server and command line", $"time {How}; cat /proc/SERVER/stat", "", "24.8 s", "s");
        var again = new Measurement("identical re-add", How, "under 1 s", "13.0 s", "s");
        var againProcessor = new Measurement("the same, processor", $"time {How}; cat /proc/SERVER/stat", "", "", "s");
        var little = new Measurement("re-add with 1 % changed", How, "under 1.5 s", "13.9 s", "s");
        var littleProcessor = new Measurement("the same, processor", $"time {How}; cat /proc/SERVER/stat", "", "", "s");
        for (var round = 0; round < rounds; round++)
        {
            await using var server = await ground.StartServerAsync(cancellationToken);
            Task AddAsync(string name, string from) => server.Muster.AskAsync(["images", "add", name, "--from", from, "--yes"], cancellationToken);
            async Task MeasureAsync(string name, string from, Measurement wall, Measurement processor)
            {
                var before = server.ProcessorSeconds;
                wall.Add(await BenchGround.SecondsAsync(() => AddAsync(name, from)));
                processor.Add(server.ProcessorSeconds - before);
            }

            await MeasureAsync("bench/first", ground.Same.Root, first, firstProcessor);
            await MeasureAsync("bench/again", ground.Same.Root, again, againProcessor);

            // Once unmeasured, so that the second file system is remembered like the first; then 1 % of it changes.
            await AddAsync("bench/other", ground.Changed.Root);
            await ground.ChangeOnePercentAsync(50, cancellationToken);
            await MeasureAsync("bench/little", ground.Changed.Root, little, littleProcessor);
            Console.WriteLine($"images, round {round + 1} of {rounds}");
        }

        return [first, firstProcessor, again, againProcessor, little, littleProcessor];
    }
}
