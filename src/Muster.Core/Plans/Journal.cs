using System.Buffers.Binary;
using Muster.Core.Problems;
using Muster.Core.Trees;

namespace Muster.Core.Plans;

/// <summary>What has to be done about a journal that is found when the agent starts.</summary>
public enum JournalRecovery
{
    /// <summary>Nothing in the tree was touched: drop the stage and the journal.</summary>
    DropStage,

    /// <summary>Carry out every step in order, skipping those that happened; then go on with <see cref="Check"/>.</summary>
    Redo,

    /// <summary>All steps happened: judge the machine's health, then close or roll back.</summary>
    Check,

    /// <summary>Take back every step that happened, last first; then close as undone.</summary>
    Return,
}

/// <summary>A journal as read from disk: all records up to the first that is torn or damaged.</summary>
public sealed class Journal
{
    private Journal(JournalHeader? header, IReadOnlyList<JournalRecord> records, int length, bool isTorn, uint checksum)
    {
        (Header, Records, Length, IsTorn) = (header, records, length, isTorn);
        Encoder = header is null ? null : new JournalEncoder(checksum);
        Recovery = Judge(records);
    }

    /// <summary>Whose order it is; null if not even that was written, then there are no records.</summary>
    public JournalHeader? Header { get; }

    /// <summary>The whole records.</summary>
    public IReadOnlyList<JournalRecord> Records { get; }

    /// <summary>Bytes that are whole: cut the file here before appending.</summary>
    public int Length { get; }

    /// <summary>True if bytes after <see cref="Length"/> were left out.</summary>
    public bool IsTorn { get; }

    /// <summary>What has to be done.</summary>
    public JournalRecovery Recovery { get; }

    /// <summary>Goes on after the last whole record; null without a header.</summary>
    public JournalEncoder? Encoder { get; }

    /// <summary>What is applied; null before the first record.</summary>
    public JournalRecord.Begin? Begin => Records.Count > 0 ? (JournalRecord.Begin)Records[0] : null;

    /// <summary>The steps, in order.</summary>
    public IEnumerable<JournalRecord.Staged> Steps => Records.OfType<JournalRecord.Staged>();

    /// <summary>Reads a journal. A torn tail is what a crash leaves and no fault.</summary>
    /// <exception cref="ProblemException">Invalid: <c>journal.version</c>, <c>journal.invalid</c>: whole records in an order that no agent writes.</exception>
    public static Journal Read(ReadOnlySpan<byte> bytes)
    {
        if (JournalFormat.DecodeHeader(bytes) is not { } header)
        {
            return new Journal(null, [], 0, bytes.Length > 0, 0);
        }

        var records = new List<JournalRecord>();
        var at = JournalFormat.HeaderLength;
        var checksum = BinaryPrimitives.ReadUInt32LittleEndian(bytes[(at - 4)..]);
        while (bytes.Length - at > 8)
        {
            var length = BinaryPrimitives.ReadUInt32LittleEndian(bytes[at..]);
            var found = BinaryPrimitives.ReadUInt32LittleEndian(bytes[(at + 4)..]);
            if (length is 0 or > JournalFormat.MaxRecord || length > bytes.Length - at - 8)
            {
                break;
            }

            var body = bytes.Slice(at + 8, (int)length);
            if (JournalFormat.Checksum(checksum, body) != found)
            {
                break;
            }

            var record = JournalFormat.DecodeRecord(body);
            if (!MayFollow(records, record))
            {
                throw new ProblemException(ProblemKind.Invalid, "journal.invalid", $"record {records.Count} of the journal, {record.GetType().Name}, is out of place");
            }

            records.Add(record);
            (checksum, at) = (found, at + 8 + (int)length);
        }

        return new Journal(header, records, at, at < bytes.Length, checksum);
    }

    private static JournalRecovery Judge(IReadOnlyList<JournalRecord> records)
    {
        for (var index = records.Count - 1; index >= 0; index--)
        {
            switch (records[index])
            {
                case JournalRecord.Closed:
                    return JournalRecovery.DropStage;
                case JournalRecord.RollBack:
                    return JournalRecovery.Return;
                case JournalRecord.Done:
                    return JournalRecovery.Check;
                case JournalRecord.Commit:
                    return JournalRecovery.Redo;
            }
        }

        return JournalRecovery.DropStage;
    }

    private static bool MayFollow(List<JournalRecord> records, JournalRecord next)
    {
        var last = records.Count > 0 ? records[^1] : null;
        return (last, next) switch
        {
            (null, _) => next is JournalRecord.Begin,
            (JournalRecord.Begin, JournalRecord.Staged { Step: 0 }) => true,
            (JournalRecord.Staged before, JournalRecord.Staged now) => now.Step == before.Step + 1,
            (JournalRecord.Begin, JournalRecord.Commit { Steps: 0 }) => true,
            (JournalRecord.Staged before, JournalRecord.Commit now) => now.Steps == before.Step + 1,
            (JournalRecord.Begin or JournalRecord.Staged, JournalRecord.Closed { Outcome: JournalOutcome.Undone }) => true,
            (JournalRecord.Commit or JournalRecord.Exchanged, JournalRecord.Exchanged or JournalRecord.Done or JournalRecord.RollBack) => true,
            (JournalRecord.Done, JournalRecord.RollBack or JournalRecord.Closed { Outcome: JournalOutcome.Applied }) => true,
            (JournalRecord.RollBack or JournalRecord.Returned, JournalRecord.Returned or JournalRecord.Closed { Outcome: JournalOutcome.Undone }) => true,
            _ => false,
        };
    }
}

/// <summary>Gives the bytes of records, one after another; each must be appended before the next is asked for.</summary>
public sealed class JournalEncoder
{
    private uint checksum;

    internal JournalEncoder(uint checksum) => this.checksum = checksum;

    /// <summary>Begins a journal: the bytes of its header, and what encodes its records.</summary>
    public static (byte[] Header, JournalEncoder Encoder) Begin(JournalHeader header)
    {
        var bytes = JournalFormat.Encode(header);
        return (bytes, new JournalEncoder(BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(^4..))));
    }

    /// <summary>The bytes to append for a record.</summary>
    public byte[] Encode(JournalRecord record)
    {
        var body = JournalFormat.Encode(record);
        checksum = JournalFormat.Checksum(checksum, body);
        var writer = new ByteWriter();
        writer.UInt32((uint)body.Length);
        writer.UInt32(checksum);
        writer.Raw(body);
        return writer.ToArray();
    }
}
