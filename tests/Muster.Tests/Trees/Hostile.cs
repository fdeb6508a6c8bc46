using Muster.Core.Problems;

namespace Muster.Tests.Trees;

/// <summary>What hostile bytes may do to a format: be refused as invalid, or mean something that is written as exactly these bytes.</summary>
internal static class Hostile
{
    public static void Try(byte[] valid, Func<byte[], byte[]> readAndWrite)
    {
        Assert.Equal(valid, readAndWrite(valid));
        for (var length = 0; length < valid.Length; length++)
        {
            Require(valid[..length], readAndWrite);
        }

        for (var bit = 0; bit < valid.Length * 8; bit++)
        {
            var flipped = valid.ToArray();
            flipped[bit / 8] ^= (byte)(1 << (bit % 8));
            Require(flipped, readAndWrite);
        }

        Require([.. valid, 0], readAndWrite);
    }

    private static void Require(byte[] bytes, Func<byte[], byte[]> readAndWrite)
    {
        byte[] again;
        try
        {
            again = readAndWrite(bytes);
        }
        catch (ProblemException problem)
        {
            Assert.Equal(ProblemKind.Invalid, problem.Kind);
            return;
        }

        Assert.Equal(Convert.ToHexStringLower(bytes), Convert.ToHexStringLower(again));
    }
}
