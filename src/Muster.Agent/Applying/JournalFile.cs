using Microsoft.Win32.SafeHandles;
using Muster.Core.Objects;
using Muster.Core.Plans;
using Muster.Core.Problems;
using Muster.Files;

namespace Muster.Agent.Applying;

/// <summary>For whom a plan is carried out.</summary>
internal sealed record ApplyOrder(InstallationId Installation, long Number, Digest Image);

/// <summary>The journal of one update on disk (docs/formats/journal.md). It exists from commit until the stage can be dropped.</summary>
internal sealed class JournalFile : IDisposable
{
    private const int Limit = 1 << 30;

    // For every record that may follow a commit: on a disk that is full by then, an update must still be able to end, or to be taken back.
    private const int TailRoom = 16 * 1024;

    private readonly SafeFileHandle folder;
    private readonly SafeFileHandle file;
    private readonly JournalEncoder encoder;
    private long length;

    private JournalFile(SafeFileHandle folder, SafeFileHandle file, JournalEncoder encoder, long length)
    {
        this.folder = folder;
        this.file = file;
        this.encoder = encoder;
        this.length = length;
    }

    private static ReadOnlySpan<byte> Name => "journal"u8;

    /// <summary>Writes down what is staged and commits it. From when this returns, a crash is answered by going on.</summary>
    public static JournalFile Commit(SafeFileHandle folder, ApplyOrder order, IReadOnlyList<JournalRecord.Staged> steps)
    {
        var file = Linux.OpenBeneath(folder, Name, OpenFlags.ReadWrite | OpenFlags.Create | OpenFlags.Truncate, 0x180);
        try
        {
            var (header, encoder) = JournalEncoder.Begin(new JournalHeader(order.Installation, order.Number));
            var journal = new JournalFile(folder, file, encoder, 0);
            var content = new MemoryStream();
            content.Write(header);
            content.Write(encoder.Encode(new JournalRecord.Begin(DigestOf(steps), order.Image)));
            foreach (var step in steps)
            {
                content.Write(encoder.Encode(step));
            }

            content.Write(encoder.Encode(new JournalRecord.Commit(steps.Count)));
            Linux.Reserve(file, content.Length + TailRoom);
            journal.Append(content.GetBuffer().AsSpan(0, (int)content.Length));
            Linux.Flush(folder);
            return journal;
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>What a crash left; null for nothing, or for a journal that was never committed.</summary>
    public static (JournalFile File, Journal Journal)? Find(SafeFileHandle folder)
    {
        if (AtomicFile.Read(folder, Name, Limit) is not { } bytes)
        {
            return null;
        }

        var journal = Journal.Read(bytes);
        if (journal.Recovery == JournalRecovery.DropStage)
        {
            Linux.Unlink(folder, Name);
            return null;
        }

        // What is torn is blanked and not cut off: the room behind the records is reserved for those to come.
        var file = Linux.OpenBeneath(folder, Name, OpenFlags.ReadWrite);
        if (bytes.AsSpan(journal.Length).ContainsAnyExcept((byte)0))
        {
            Linux.Write(file, new byte[bytes.Length - journal.Length], journal.Length);
        }

        return (new JournalFile(folder, file, journal.Encoder!, journal.Length), journal);
    }

    /// <summary>Removes a journal that could not be committed.</summary>
    public static void Forget(SafeFileHandle folder)
    {
        if (Linux.FindStat(folder, Name) is not null)
        {
            Linux.Unlink(folder, Name);
        }
    }

    /// <summary>Appends a record; on the medium when this returns.</summary>
    public void Append(JournalRecord record) => Append(encoder.Encode(record));

    /// <summary>Nothing is left to do: the journal goes.</summary>
    public void Close(JournalOutcome outcome)
    {
        Append(new JournalRecord.Closed(outcome));
        Linux.Unlink(folder, Name);
        Linux.Flush(folder);
    }

    public void Dispose() => file.Dispose();

    private void Append(ReadOnlySpan<byte> bytes)
    {
        Linux.Write(file, bytes, length);
        length += bytes.Length;
        Linux.Flush(file);
    }

    // The plan as it is carried out has no other bytes than its steps.
    private static Digest DigestOf(IReadOnlyList<JournalRecord.Staged> steps)
    {
        var (_, encoder) = JournalEncoder.Begin(new JournalHeader(default, 0));
        var content = new MemoryStream();
        foreach (var step in steps)
        {
            content.Write(encoder.Encode(step));
        }

        return Digest.Of(content.GetBuffer().AsSpan(0, (int)content.Length));
    }
}
