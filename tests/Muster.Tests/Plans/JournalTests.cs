using Muster.Core.Objects;
using Muster.Core.Plans;
using Muster.Core.Problems;
using Muster.Core.Trees;
using Muster.Testing;
using Muster.Tests.Trees;

namespace Muster.Tests.Plans;

public sealed class JournalTests
{
    private static readonly JournalHeader Header = new(new InstallationId(new Guid("01926f2e-0000-7000-8000-0123456789ab")), 42);

    private static readonly JournalRecord[] Whole =
    [
        new JournalRecord.Begin(Digest.Of("plan"u8), Digest.Of("image"u8)),
        new JournalRecord.Staged(0, JournalAction.Exchange, TreePath.FromText("etc/passwd"), "0", 64_768, 1234, TreeEditTests.File("old") with { Name = "passwd"u8.ToArray() }, TreeEditTests.File("new") with { Name = "passwd"u8.ToArray() }),
        new JournalRecord.Staged(1, JournalAction.Attributes, TreePath.Root, "", 64_768, 2, Tree.Empty.Root, Tree.Empty.Root with { Mode = 0x1C0 }),
        new JournalRecord.Staged(2, JournalAction.TakeAway, TreePath.FromBytes([0xE9]), "2", 64_768, 7, TreeEditTests.File("x") with { Name = [0xE9] }, null),
        new JournalRecord.Commit(3),
        new JournalRecord.Exchanged(0),
        new JournalRecord.Exchanged(1),
        new JournalRecord.Done(),
        new JournalRecord.RollBack("unit ssh.service failed"),
        new JournalRecord.Returned(2),
        new JournalRecord.Closed(JournalOutcome.Undone),
    ];

    [Fact]
    public void The_bytes_of_every_record_stay_as_they_are()
    {
        var (header, encoder) = JournalEncoder.Begin(Header);
        Golden.Match(
            string.Join('\n', Whole.Select(record => $"{record.GetType().Name}: {Convert.ToHexStringLower(encoder.Encode(record))}").Prepend($"Header: {Convert.ToHexStringLower(header)}")),
            "journal.golden.txt");
    }

    [Fact]
    public void Every_prefix_recovers_to_what_was_last_made_sure()
    {
        var bytes = Written(Whole, out var ends);
        for (var length = 0; length <= bytes.Length; length++)
        {
            var journal = Journal.Read(bytes.AsSpan(0, length));
            var whole = ends.Count(end => end <= length) - 1;
            Assert.Equal(whole >= 0, journal.Header is not null);
            Assert.Equal(Whole[..Math.Max(whole, 0)], journal.Records);
            Assert.Equal(whole >= 0 ? ends[whole] : 0, journal.Length);
            Assert.Equal(journal.Length < length, journal.IsTorn);
            Assert.Equal(
                whole switch { < 5 => JournalRecovery.DropStage, < 8 => JournalRecovery.Redo, 8 => JournalRecovery.Check, < 11 => JournalRecovery.Return, _ => JournalRecovery.DropStage },
                journal.Recovery);
        }
    }

    [Fact]
    public void A_journal_goes_on_after_its_last_whole_record()
    {
        var bytes = Written(Whole, out var ends);
        for (var count = 0; count < Whole.Length; count++)
        {
            var journal = Journal.Read(bytes.AsSpan(0, ends[count + 1] - 1));
            byte[] again = bytes[..journal.Length];
            foreach (var record in Whole[journal.Records.Count..])
            {
                again = [.. again, .. journal.Encoder!.Encode(record)];
            }

            Assert.Equal(bytes, again);
        }
    }

    [Fact]
    public void A_flipped_bit_ends_the_journal_there_and_changes_nothing_before()
    {
        var bytes = Written(Whole, out var ends);
        for (var bit = 0; bit < bytes.Length * 8; bit++)
        {
            var flipped = bytes.ToArray();
            flipped[bit / 8] ^= (byte)(1 << (bit % 8));
            var journal = Journal.Read(flipped);
            var whole = ends.Count(end => end <= bit / 8) - 1;
            Assert.Equal(Whole[..Math.Max(whole, 0)], journal.Records);
            Assert.True(journal.IsTorn);
        }
    }

    [Fact]
    public void Records_of_another_journal_do_not_pass()
    {
        var (header, _) = JournalEncoder.Begin(Header with { Order = 43 });
        var journal = Journal.Read([.. header, .. Written(Whole, out _)[JournalFormat.HeaderLength..]]);
        Assert.Empty(journal.Records);
        Assert.True(journal.IsTorn);
    }

    [Fact]
    public void Records_in_an_order_that_no_agent_writes_are_refused()
    {
        var bytes = Written([Whole[0], Whole[1], new JournalRecord.Commit(2)], out _);
        Assert.Equal("journal.invalid", Assert.Throws<ProblemException>(() => Journal.Read(bytes)).Code);
    }

    private static byte[] Written(IEnumerable<JournalRecord> records, out int[] ends)
    {
        var (header, encoder) = JournalEncoder.Begin(Header);
        List<byte> bytes = [.. header];
        List<int> found = [bytes.Count];
        foreach (var record in records)
        {
            bytes.AddRange(encoder.Encode(record));
            found.Add(bytes.Count);
        }

        ends = [.. found];
        return [.. bytes];
    }
}
