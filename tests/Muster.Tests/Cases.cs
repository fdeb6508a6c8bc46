using FsCheck;
using FsCheck.Fluent;
using Muster.Testing;

namespace Muster.Tests;

/// <summary>How FsCheck makes its cases.</summary>
internal static class Cases
{
    /// <summary>That many, twenty times as many in a long run; the same ones for the same seed.</summary>
    public static Config Of(int cases)
    {
        // FsCheck's second number has to be odd.
        var replay = new Replay(new Rnd((ulong)Series.Seed, 1), null);
        return Config.QuickThrowOnFailure.WithMaxTest(Series.Rounds(cases * 20, cases)).WithReplay(replay);
    }
}
