using Microsoft.Win32.SafeHandles;
using Muster.Core.Objects;
using Muster.Core.Problems;
using Muster.Core.Trees;
using Muster.Files;

namespace Muster.Agent.Applying;

/// <summary>Where an update stood when it was last written down.</summary>
internal enum JournalState : byte
{
    /// <summary>Everything is staged; the steps are being done and, after a crash, are done to the end.</summary>
    Committed = 1,

    /// <summary>A step could not be done; the steps are being undone and, after a crash, are undone to the end.</summary>
    Undoing = 2,
}

/// <summary>What one update does to the tree. No journal means that nothing of the tree was touched, or that all was finished.</summary>
internal sealed record Journal(JournalState State, long Order, IReadOnlyList<ApplyStep> Steps)
{
    private const int Limit = 512 * 1024 * 1024;

    private static ReadOnlySpan<byte> FileName => "journal"u8;

    /// <summary>Written and on the medium when this returns.</summary>
    public void Save(SafeFileHandle folder)
    {
        var writer = new ByteWriter();
        writer.Raw("MJRN"u8);
        writer.Byte(1);
        writer.Byte((byte)State);
        writer.Int64(Order);
        writer.Variable((ulong)Steps.Count);
        foreach (var step in Steps)
        {
            writer.Byte((byte)step.Kind);
            writer.Counted(step.Path.Bytes);
            writer.Variable((ulong)step.Number);
            writer.Variable(step.Inode);
            if (step.Kind == StepKind.Attributes)
            {
                // An entry has its canonical bytes as the only one of a directory.
                writer.Counted(Alone(step.Wanted!));
                writer.Counted(Alone(step.Seen!));
            }
        }

        writer.Digest(Digest.Of(writer.Written));
        AtomicFile.Write(folder, FileName, writer.Written);
    }

    /// <summary>Null where there is none.</summary>
    /// <exception cref="ProblemException">Invalid: it is damaged, which a crash cannot do because it is replaced in one step.</exception>
    public static Journal? Load(SafeFileHandle folder)
    {
        if (AtomicFile.Read(folder, FileName, Limit) is not { } bytes)
        {
            return null;
        }

        var reader = new ByteReader(bytes.AsSpan(0, Math.Max(0, bytes.Length - DigestBytes.Size)), "journal");
        if (bytes.Length < DigestBytes.Size || Digest.Of(bytes.AsSpan(0, bytes.Length - DigestBytes.Size)) != new Digest(bytes.AsSpan(bytes.Length - DigestBytes.Size)))
        {
            throw reader.Wrong("its digest is not that of its content");
        }

        if (!reader.Raw(4).SequenceEqual("MJRN"u8) || reader.Byte() != 1)
        {
            throw reader.Wrong("it does not begin with its magic bytes and version 1");
        }

        var state = (JournalState)reader.Byte();
        var order = reader.Int64();
        var count = (int)reader.Variable(int.MaxValue);
        var steps = new List<ApplyStep>();
        for (var index = 0; index < count; index++)
        {
            steps.Add(ReadStep(ref reader));
        }

        reader.End();
        return new Journal(state, order, steps);
    }

    /// <summary>Done, or undone: the tree is as it should be.</summary>
    public static void Remove(SafeFileHandle folder)
    {
        if (Linux.FindStat(folder, FileName) is not null)
        {
            Linux.Unlink(folder, FileName);
            Linux.Flush(folder);
        }
    }

    private static ApplyStep ReadStep(ref ByteReader reader)
    {
        var kind = (StepKind)reader.Byte();
        if (kind is < StepKind.Exchange or > StepKind.RemoveEmpty)
        {
            throw reader.Wrong($"{(byte)kind} is not a kind of step");
        }

        var path = TreePath.FromBytes(reader.Counted(TreeFormat.MaxPath));
        var number = (long)reader.Variable(long.MaxValue);
        var inode = reader.Variable();
        var hasEntries = kind == StepKind.Attributes;
        return new ApplyStep(kind, path, number, inode, hasEntries ? Only(ref reader, path) : null, hasEntries ? Only(ref reader, path) : null);
    }

    private static byte[] Alone(TreeEntry entry) =>
        TreeFormat.Encode(new TreeDirectory([entry.Name.Length == 0 ? entry with { Name = "root"u8.ToArray() } : entry]));

    private static TreeEntry Only(ref ByteReader reader, TreePath path)
    {
        var entry = TreeFormat.DecodeDirectory(reader.Counted(int.MaxValue)).Entries[0];
        return entry with { Name = path.Name.ToArray() };
    }
}
