using System.Globalization;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.Emit;
using Muster.Benchmarks;

if (args is ["scan", var root, var rounds])
{
    await ScanOnce.RunAsync(root, int.Parse(rounds, CultureInfo.InvariantCulture));
    return;
}

// In process: what is measured needs no project of its own, and a build of one would outlast the measuring.
var config = DefaultConfig.Instance.AddJob(Job.ShortRun.WithToolchain(InProcessEmitToolchain.Instance));
BenchmarkSwitcher.FromAssembly(typeof(TreeBenchmarks).Assembly).Run(args, config);
