namespace Muster.Dev;

/// <summary>Making images of the benchmark root.</summary>
internal static class ImageBench
{
    public static async Task<IReadOnlyList<Measurement>> RunAsync(BenchGround ground, int rounds, CancellationToken cancellationToken)
    {
        var first = new Measurement("add to an empty store", "muster images add", "under 6 s", "20.4 s", "s");
        var again = new Measurement("identical re-add", "muster images add", "under 1 s", "13.0 s", "s");
        var little = new Measurement("re-add with 1 % changed", "muster images add", "under 1.5 s", "13.9 s", "s");
        for (var round = 0; round < rounds; round++)
        {
            var (server, muster) = await ground.StartServerAsync(cancellationToken);
            await using (server)
            {
                Task AddAsync(string name, string from) => muster.AskAsync(["images", "add", name, "--from", from, "--yes"], cancellationToken);
                first.Add(await BenchGround.SecondsAsync(() => AddAsync("bench/first", ground.Same.Root)));
                again.Add(await BenchGround.SecondsAsync(() => AddAsync("bench/again", ground.Same.Root)));

                // Once unmeasured, so that the second file system is remembered like the first; then 1 % of it changes.
                await AddAsync("bench/other", ground.Changed.Root);
                await ground.Changed.RunAsync(["sh", "-c", "find /usr /etc -xdev -type f | sort | awk 'NR % 100 == 50' | while read -r file; do printf x >>\"$file\"; done"], cancellationToken);
                little.Add(await BenchGround.SecondsAsync(() => AddAsync("bench/little", ground.Changed.Root)));
            }

            Console.WriteLine($"images, round {round + 1} of {rounds}");
        }

        return [first, again, little];
    }
}
