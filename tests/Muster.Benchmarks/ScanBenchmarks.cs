using BenchmarkDotNet.Attributes;
using Microsoft.Win32.SafeHandles;
using Muster.Files;

namespace Muster.Benchmarks;

/// <summary>Reading the tree that MUSTER_BENCH_ROOT names (the benchmark root; without it /usr/lib), from the page cache.</summary>
[MemoryDiagnoser]
public class ScanBenchmarks
{
    private readonly DigestCache cache = new();
    private SafeFileHandle? root;

    /// <summary>Opens the tree and learns its digests.</summary>
    [GlobalSetup]
    public void Setup()
    {
        root = Linux.OpenRoot(Environment.GetEnvironmentVariable("MUSTER_BENCH_ROOT") is { Length: > 0 } path ? path : "/usr/lib");
        Scan(new ScanOptions { Cache = cache }).GetAwaiter().GetResult();
    }

    /// <summary>Closes it.</summary>
    [GlobalCleanup]
    public void Close() => root?.Dispose();

    /// <summary>Every file is read and hashed.</summary>
    [Benchmark]
    public Task<ScanResult> ReadEverything() => Scan(new ScanOptions());

    /// <summary>Every digest is remembered.</summary>
    [Benchmark]
    public Task<ScanResult> ReadNothing() => Scan(new ScanOptions { Cache = cache });

    private Task<ScanResult> Scan(ScanOptions options) => TreeScanner.ScanAsync(root!, options, TimeProvider.System, CancellationToken.None);
}
