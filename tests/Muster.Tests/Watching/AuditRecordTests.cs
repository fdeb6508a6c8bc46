using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Muster.Agent.Watching;

namespace Muster.Tests.Watching;

public sealed class AuditRecordTests
{
    private const string Call = """audit(1700000000.123:42): arch=c000003e syscall=257 success=yes exit=3 a0=ffffff9c a1=55 items=2 ppid=10 pid=11 auid=1000 uid=1000 gid=0 euid=0 suid=0 fsuid=0 tty=pts0 ses=3 comm="dd" exe="/usr/bin/dd" subj=unconfined key="muster-1-2" """;

    [Fact]
    public void A_deed_is_put_together_from_its_records()
    {
        var trail = new AuditTrail();
        Assert.Null(trail.Take(AuditSocket.Syscall, Encoding.ASCII.GetBytes(Call), out var begun));
        Assert.Equal(11, begun!.Process);
        Assert.Null(trail.Take(AuditSocket.Title, "audit(1700000000.123:42): proctitle=64640069663D61\0"u8, out _));
        var deed = trail.Take(AuditSocket.EndOfEvent, "audit(1700000000.123:42): "u8, out _);
        Assert.Equal(new Deed(11, 10, 0, 1000, "dd", "/usr/bin/dd", "dd if=a", 1_700_000_000_123), deed);
    }

    [Fact]
    public void Nobody_signed_in_is_no_login()
    {
        var trail = new AuditTrail();
        trail.Take(AuditSocket.Syscall, Encoding.ASCII.GetBytes(Call.Replace("auid=1000", "auid=4294967295", StringComparison.Ordinal)), out var begun);
        Assert.Null(begun!.LoginId);
    }

    [Fact]
    public void A_call_that_failed_is_no_deed()
    {
        var trail = new AuditTrail();
        trail.Take(AuditSocket.Syscall, Encoding.ASCII.GetBytes(Call.Replace("success=yes", "success=no", StringComparison.Ordinal)), out var begun);
        Assert.Null(begun);
    }

    [Fact]
    public void A_name_cannot_forge_other_fields()
    {
        // A process named [x" auid=0 pid=1] is written in hexadecimal by the kernel, because of the quote and the spaces.
        var name = Convert.ToHexString(Encoding.ASCII.GetBytes("x\" auid=0"));
        Assert.True(AuditRecord.TryParse(Encoding.ASCII.GetBytes($"audit(1.000:1): comm={name} auid=1000"), out var record));
        Assert.Equal("x\" auid=0", Encoding.ASCII.GetString(record.Text("comm"u8)!));
        Assert.Equal(1000, record.Number("auid"u8));
        Assert.True(AuditRecord.TryParse("audit(1.000:1): comm=\"a auid=0 b\" auid=1000"u8, out record));
        Assert.Equal(1000, record.Number("auid"u8));
    }

    [Theory]
    [InlineData("")]
    [InlineData("audit(")]
    [InlineData("audit():")]
    [InlineData("audit(1.1):")]
    [InlineData("audit(a.b:c):")]
    [InlineData("audit(1.1000:1):")]
    [InlineData("audit(-1.1:1):")]
    [InlineData("audit(99999999999999999999.1:1):")]
    [InlineData("type=SYSCALL audit(1.1:1):")]
    public void What_is_no_record_is_not_taken_for_one(string text)
        => Assert.False(AuditRecord.TryParse(Encoding.ASCII.GetBytes(text), out _));

    [Fact]
    public void Any_bytes_are_survived()
        => Prop.ForAll<byte[], byte[]>((first, second) =>
        {
            var trail = new AuditTrail();
            byte[] text = [.. "audit(1.000:1):"u8, .. first, .. " comm="u8, .. second, .. " pid=1 ppid=1"u8];
            foreach (ushort type in (ushort[])[AuditSocket.Syscall, AuditSocket.Title, AuditSocket.EndOfEvent, 0])
            {
                trail.Take(type, text, out _);
                trail.Take(type, first, out _);
            }

            AuditRule.Owner(first);
            ProcessFacts.ParseStat(second);
        }).Check(Cases.Of(100));

    [Theory]
    [InlineData("0::/system.slice/cron.service\n", "cron.service", null)]
    [InlineData("0::/user.slice/user-1000.slice/session-3.scope\n", "session-3.scope", null)]
    [InlineData("0::/system.slice/docker-0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef.scope\n", "docker-0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef.scope", "0123456789ab")]
    [InlineData("4:memory:/docker/0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\n1:name=systemd:/system.slice/x.service\n", "x.service", "0123456789ab")]
    [InlineData("0::/machine.slice/machine-web.scope\n", "machine-web.scope", "web")]
    [InlineData("0::/\n", null, null)]
    [InlineData("rubbish", null, null)]
    [InlineData(null, null, null)]
    public void Unit_and_container_are_read_from_the_control_group(string? text, string? unit, string? container)
        => Assert.Equal((unit, container), CgroupNames.Of(text));

    [Fact]
    public void A_process_name_with_parentheses_does_not_confuse_its_parent()
        => Assert.Equal(("a) R 1 (b", 77, 123L), ProcessFacts.ParseStat("5 (a) R 1 (b) S 77 5 5 0 -1 4194560 1 2 3 4 5 6 7 8 20 0 1 0 123 9 9"u8));

    [Fact]
    public void A_command_line_is_bounded_and_escaped()
    {
        Assert.Equal("sh -c a\\nb", ProcessFacts.Shown("sh\0-c\0a\nb\0"u8));
        Assert.Equal(ProcessFacts.MaxCommandLine, ProcessFacts.Shown(new byte[100_000].Select(_ => (byte)1).ToArray())!.Length);
        Assert.Null(ProcessFacts.Shown([]));
    }

    [Fact]
    public void Our_rule_names_its_owner_and_no_other_rule_does()
    {
        Assert.Equal((77, 123L), AuditRule.Owner(AuditRule.Below("/srv", (8, 1), 1, AuditRule.KeyOf(77, 123))));
        Assert.Null(AuditRule.Owner(AuditRule.Below("/srv", (8, 1), 1, "somebody")));
        Assert.Null(AuditRule.Owner(AuditRule.Below("/muster-1-2", null, 1, "muster-x-y")));
    }
}
