using System.Buffers.Binary;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using Microsoft.Win32.SafeHandles;
using Muster.Core.Problems;
using Muster.Files;

namespace Muster.Agent.Watching;

/// <summary>
/// Switches the kernel's audit on for one tree and puts everything back as it was: our rule goes, and the last agent to leave
/// restores the state that the first one found, which a small file keeps meanwhile. Where an auditd is in charge nothing is
/// touched; its own rules then decide what we hear.
/// </summary>
internal sealed class AuditControl : IDisposable
{
    // The default of 64 overflows when one program writes a hundred files; and no program may be slowed down by our listening.
    private const uint Backlog = 8192, BacklogWait = 0;

    // Longer than the few questions and answers of a turn can take.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private const uint SetEnabled = 1, SetBacklog = 0x10, SetBacklogWait = 0x20;
    private static readonly byte[] StateFile = "audit-before"u8.ToArray();

    private readonly AuditSocket socket;
    private readonly string stateFolder;
    private readonly byte[] rule;

    private AuditControl(AuditSocket socket, string stateFolder, byte[] rule)
    {
        this.socket = socket;
        this.stateFolder = stateFolder;
        this.rule = rule;
    }

    /// <summary>Sets the rule. Where that is impossible nothing is changed, and <paramref name="trouble"/> says why.</summary>
    /// <param name="root">The tree's path as this process sees it.</param>
    /// <param name="stateFolder">Where all agents of this kernel meet, emptied by a reboot.</param>
    public static AuditControl? TryStart(string root, string stateFolder, out WatchTrouble? trouble)
    {
        var errno = AuditSocket.TryOpen(listening: false, out var socket);
        if (errno != 0)
        {
            trouble = Trouble(errno);
            return null;
        }

        var started = TryStart(socket!, root, stateFolder, out trouble);
        if (started is null)
        {
            socket!.Dispose();
        }

        return started;
    }

    public void Dispose()
    {
        using (socket)
        using (TakeTurn(stateFolder, out var isTaken))
        {
            if (isTaken)
            {
                // Whoever has the turn for so long, or the next one, removes our rule: its owner is gone then.
                return;
            }

            _ = socket.Ask(AuditSocket.DeleteRule, rule);
            RemoveStaleRules(socket, out var othersLeft);
            if (!othersLeft)
            {
                Restore();
            }
        }
    }

    private static AuditControl? TryStart(AuditSocket socket, string root, string stateFolder, out WatchTrouble? trouble)
    {
        trouble = null;
        using var turn = TakeTurn(stateFolder, out var isTaken);
        if (isTaken)
        {
            trouble = new WatchTrouble("who.busy", $"another agent of this kernel has been setting up its audit rules for {Patience.TotalSeconds:0} s; who changes a file is known only while its process runs");
            return null;
        }

        List<byte[]> answers = [];
        var errno = socket.Ask(AuditSocket.Get, [], answers);
        if (errno != 0 || answers is not [{ Length: >= 40 } status])
        {
            trouble = Trouble(errno);
            return null;
        }

        var (enabled, auditd, backlog, wait) = (Read(status, 4), Read(status, 12), Read(status, 20), Read(status, 36));
        if (auditd != 0 || enabled == 2)
        {
            trouble = auditd != 0
                ? new WatchTrouble("who.auditd", $"an audit daemon (process {auditd}) is in charge here and was left alone; add the rule \"-w {root} -p wa\" to it, and Muster names who changes files")
                : new WatchTrouble("who.locked", "the audit rules of this kernel are locked until it restarts; who changes a file is known only while its process runs");
            return null;
        }

        RemoveStaleRules(socket, out _);
        if (turn is not null && AtomicFile.Read(turn, StateFile, 100) is null)
        {
            AtomicFile.Write(turn, StateFile, Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{enabled} {backlog} {wait}")));
        }

        var rule = AuditRule.Below(root, DeviceOf(root), Environment.ProcessId, AuditRule.KeyOf(Environment.ProcessId, ProcessFacts.StartedAt(Environment.ProcessId) ?? 0));
        errno = socket.Ask(AuditSocket.AddRule, rule);
        if (errno is not (0 or Errno.EEXIST))
        {
            trouble = Trouble(errno);
            return null;
        }

        _ = Set(socket, 1, Math.Max(backlog, Backlog), BacklogWait);
        return new AuditControl(socket, stateFolder, rule);
    }

    // The kernel compares the file system's own number, which statx(2) does not tell on btrfs: there every subvolume has another.
    private static (uint Major, uint Minor)? DeviceOf(string root)
    {
        using var opened = Linux.OpenRoot(root);
        var mount = Linux.Stat(opened).Mount.ToString(CultureInfo.InvariantCulture);
        foreach (var line in File.ReadLines("/proc/self/mountinfo"))
        {
            if (line.Split(' ', 4) is [var id, _, var numbers, _] && id == mount && numbers.Split(':') is [var major, var minor]
                && uint.TryParse(major, CultureInfo.InvariantCulture, out var x) && uint.TryParse(minor, CultureInfo.InvariantCulture, out var y))
            {
                return (x, y);
            }
        }

        return null;
    }

    private void Restore()
    {
        using var folder = Folder(stateFolder);
        if (folder is null || AtomicFile.Read(folder, StateFile, 100) is not { } saved
            || Encoding.ASCII.GetString(saved).Split(' ') is not [var enabled, var backlog, var wait]
            || !uint.TryParse(enabled, CultureInfo.InvariantCulture, out var on)
            || !uint.TryParse(backlog, CultureInfo.InvariantCulture, out var limit)
            || !uint.TryParse(wait, CultureInfo.InvariantCulture, out var time))
        {
            return;
        }

        if (Set(socket, on, limit, time) == 0)
        {
            Linux.Unlink(folder, StateFile);
        }
    }

    private static void RemoveStaleRules(AuditSocket socket, out bool othersLeft)
    {
        othersLeft = false;
        List<byte[]> rules = [];
        if (socket.Ask(AuditSocket.ListRules, [], rules) != 0)
        {
            return;
        }

        foreach (var one in rules)
        {
            if (AuditRule.Owner(one) is not { } owner)
            {
                continue;
            }

            if (ProcessFacts.StartedAt(owner.Process) == owner.StartedAt)
            {
                othersLeft = true;
            }
            else
            {
                _ = socket.Ask(AuditSocket.DeleteRule, one);
            }
        }
    }

    private static int Set(AuditSocket socket, uint enabled, uint backlog, uint wait)
    {
        var status = new byte[44];
        Write(status, 0, SetEnabled | SetBacklog | SetBacklogWait);
        Write(status, 4, enabled);
        Write(status, 20, backlog);
        Write(status, 36, wait);
        return socket.Ask(AuditSocket.Set, status);
    }

    // Two agents of one kernel must not read and write the state at once; the lock ends with the handle. Each holds it for moments,
    // unless it was stopped meanwhile: then we do without, and do not wait for ever.
    private static SafeFileHandle? TakeTurn(string stateFolder, out bool isTaken)
    {
        isTaken = false;
        if (Folder(stateFolder) is not { } folder)
        {
            return null;
        }

        using var never = new ManualResetEventSlim();
        var since = Stopwatch.GetTimestamp();
        while (!Linux.TryLock(folder))
        {
            if (Stopwatch.GetElapsedTime(since) > Patience)
            {
                folder.Dispose();
                isTaken = true;
                return null;
            }

            never.Wait(10);
        }

        return folder;
    }

    private static SafeFileHandle? Folder(string stateFolder)
    {
        try
        {
            Directory.CreateDirectory(stateFolder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            return Linux.OpenRoot(stateFolder);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ProblemException)
        {
            return null;
        }
    }

    private static WatchTrouble Trouble(int errno) => errno switch
    {
        Errno.EPERM or Errno.EACCES => new WatchTrouble("who.denied", "the kernel's audit records may not be used from here (CAP_AUDIT_CONTROL in the first PID and user namespace is needed); who changes a file is known only while its process runs"),
        _ => new WatchTrouble("who.kernel", $"this kernel gives no audit records (error {errno}); who changes a file is known only while its process runs"),
    };

    private static uint Read(ReadOnlySpan<byte> bytes, int at) => BinaryPrimitives.ReadUInt32LittleEndian(bytes[at..]);

    private static void Write(byte[] bytes, int at, uint value) => BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(at), value);
}
