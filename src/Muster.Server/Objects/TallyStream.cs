using System.Security.Cryptography;
using Muster.Files;

namespace Muster.Server.Objects;

/// <summary>Counts, and hashes where asked to, what is read through it. Leaves the stream below open.</summary>
internal sealed class TallyStream(Stream below, IncrementalHash? sha = null) : ForwardStream
{
    public override bool CanRead => true;

    public long Passed { get; private set; }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var count = await below.ReadAsync(buffer, cancellationToken);
        sha?.AppendData(buffer.Span[..count]);
        Passed += count;
        return count;
    }
}
