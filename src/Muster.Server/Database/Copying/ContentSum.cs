using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Muster.Server.Database.Copying;

/// <summary>What a table holds, as a number of rows and one digest that is the same on every engine.</summary>
internal sealed class ContentSum : IDisposable
{
    private readonly IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);

    public long Rows { get; private set; }

    /// <param name="row">Numbers, texts, bytes and nulls; a UUID is its text in lower case.</param>
    public void Add(object?[] row)
    {
        Rows++;
        Span<byte> number = stackalloc byte[8];
        foreach (var value in row)
        {
            switch (value)
            {
                case null:
                    Append('0', []);
                    break;
                case long whole:
                    BinaryPrimitives.WriteInt64BigEndian(number, whole);
                    Append('n', number);
                    break;
                case string text:
                    Append('t', Encoding.UTF8.GetBytes(text));
                    break;
                case byte[] bytes:
                    Append('b', bytes);
                    break;
                default:
                    throw new InvalidOperationException($"a column holds a {value.GetType().Name}, which no table of ours has");
            }
        }
    }

    public string Digest => Convert.ToHexStringLower(hash.GetCurrentHash());

    public void Dispose() => hash.Dispose();

    // Kind and length keep ("ab", "c") apart from ("a", "bc"), and 1 from "1".
    private void Append(char kind, ReadOnlySpan<byte> content)
    {
        Span<byte> head = stackalloc byte[5];
        head[0] = (byte)kind;
        BinaryPrimitives.WriteInt32BigEndian(head[1..], content.Length);
        hash.AppendData(head);
        hash.AppendData(content);
    }
}
