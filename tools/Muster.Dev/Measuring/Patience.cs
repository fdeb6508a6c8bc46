using System.Diagnostics;

namespace Muster.Dev;

/// <summary>What does not come within two minutes is no measurement, and a person waits for the end of the bench.</summary>
internal sealed class Patience(string otherwise, CancellationToken cancellationToken)
{
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(2);

    private readonly Stopwatch _waited = Stopwatch.StartNew();

    /// <exception cref="DevException">It has lasted too long.</exception>
    public void Check()
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (_waited.Elapsed > Longest)
        {
            throw new DevException($"{otherwise} within {Longest.TotalMinutes} minutes");
        }
    }
}
