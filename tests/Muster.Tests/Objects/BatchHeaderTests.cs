using System.Buffers;
using Muster.Core.Objects;
using Muster.Core.Problems;
using Muster.Core.Trees;
using Muster.Testing;

namespace Muster.Tests.Objects;

public sealed class BatchHeaderTests
{
    private static readonly BatchHeader Sample = new(new ObjectReference(ObjectKind.Directory, Digest.Of("x"u8)), ObjectEncoding.Zstd, 300, 100_000_000_000);

    [Fact]
    public void Its_bytes_stay_as_they_are() => Golden.Match(Convert.ToHexStringLower(Bytes(Sample)), "batch-header.golden.txt");

    [Fact]
    public void It_is_read_as_soon_as_it_is_whole()
    {
        var bytes = Bytes(Sample);
        for (var length = 0; length < bytes.Length; length++)
        {
            Assert.Equal(OperationStatus.NeedMoreData, BatchHeader.TryRead(bytes.AsSpan(0, length), out _, out _));
        }

        Assert.Equal(OperationStatus.Done, BatchHeader.TryRead([.. bytes, 0xFF, 0xFF], out var header, out var consumed));
        Assert.Equal((Sample, bytes.Length), (header, consumed));
    }

    [Fact]
    public void A_flipped_bit_is_refused_or_means_exactly_its_bytes()
    {
        var bytes = Bytes(Sample);
        for (var bit = 0; bit < bytes.Length * 8; bit++)
        {
            var flipped = bytes.ToArray();
            flipped[bit / 8] ^= (byte)(1 << (bit % 8));
            try
            {
                if (BatchHeader.TryRead([.. flipped, .. new byte[BatchHeader.MaxLength]], out var header, out var consumed) == OperationStatus.Done)
                {
                    byte[] read = [.. flipped, 0, 0, 0];
                    Assert.Equal(Convert.ToHexStringLower(read[..consumed]), Convert.ToHexStringLower(Bytes(header)));
                }
            }
            catch (ProblemException problem)
            {
                Assert.Equal("format.invalid", problem.Code);
            }
        }
    }

    private static byte[] Bytes(BatchHeader header)
    {
        var writer = new ByteWriter();
        header.Write(writer);
        return writer.ToArray();
    }
}
