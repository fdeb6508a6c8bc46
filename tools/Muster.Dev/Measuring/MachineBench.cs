using Muster.Testing;

namespace Muster.Dev;

/// <summary>A machine over the benchmark root: becoming like an image, being put right, doing nothing.</summary>
internal static class MachineBench
{
    public static async Task<IReadOnlyList<Measurement>> RunAsync(BenchGround ground, int rounds, CancellationToken cancellationToken)
    {
        await using var server = await ground.StartServerAsync(cancellationToken);
        using var folder = new TemporaryFolder();
        await File.WriteAllTextAsync(folder.Under("filter"), "ignore /tmp/**\n", cancellationToken);
        Task AddAsync(string name, TestMachine from) =>
            server.Muster.AskAsync(["images", "add", name, "--from", from.Root, "--filter", folder.Under("filter"), "--yes"], cancellationToken);
        await AddAsync("bench/a", ground.Same);
        await AddAsync("bench/b", ground.Changed);
        var (old, changed) = (await UpdateBench.SizesAsync(ground.Same, cancellationToken), await UpdateBench.SizesAsync(ground.Changed, cancellationToken));

        await using var machine = await ground.JoinAsync(server, "bench", cancellationToken);
        await server.Api.PostAsync("/api/v1/machines/require-image", new { machine = "bench", image = "bench/a" }, cancellationToken);
        using var agent = BenchGround.StartAgent(machine);
        await server.UntilAsync("bench", details => details.GetProperty("summary").GetProperty("state").GetString() == "inSync", cancellationToken);

        return
        [
            .. await new UpdateBench(server, machine, old, changed).RunAsync(rounds, cancellationToken),
            .. await new DriftBench(server, machine).RunAsync(cancellationToken),
            .. await IdleBench.RunAsync(agent.Id, cancellationToken),
        ];
    }
}
