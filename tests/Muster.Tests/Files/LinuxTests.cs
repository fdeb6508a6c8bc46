using Microsoft.Win32.SafeHandles;
using Muster.Core.Problems;
using Muster.Core.Trees;
using Muster.Files;
using Muster.Testing;

namespace Muster.Tests.Files;

public sealed class LinuxTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly SafeFileHandle root;

    public LinuxTests()
    {
        root = Linux.OpenRoot(folder.Path);
        Linux.MakeDirectory(root, "dir"u8, 0x1ED);
        AtomicFile.Write(root, "file"u8, "content"u8);
    }

    public void Dispose()
    {
        root.Dispose();
        folder.Dispose();
    }

    [Theory]
    [InlineData("..")]
    [InlineData("dir/../../etc")]
    [InlineData("/etc/passwd")]
    [InlineData("link")]
    [InlineData("link/passwd")]
    [InlineData("inner/file")]
    public void No_path_leads_outside_or_over_a_link(string path)
    {
        Linux.MakeSymlink(root, "link"u8, "/etc"u8);
        Linux.MakeSymlink(root, "inner"u8, "dir"u8);
        Assert.NotEqual(0, Linux.TryOpenBeneath(root, System.Text.Encoding.UTF8.GetBytes(path), OpenFlags.Read, 0, out _));
    }

    [Fact]
    public void A_zero_byte_in_a_name_is_refused_and_not_cut()
        => Assert.Equal("file.name", Assert.Throws<ProblemException>(() => Linux.OpenBeneath(root, "file\0x"u8, OpenFlags.Read)).Code);

    [Fact]
    public void A_failure_names_the_path_escaped_and_keeps_its_number()
    {
        var problem = Assert.Throws<ProblemException>(() => Linux.OpenBeneath(root, [0xE9, (byte)'\n'], OpenFlags.Read));
        Assert.Equal(ProblemKind.NotFound, problem.Kind);
        Assert.Contains("\\xE9\\n", problem.Message, StringComparison.Ordinal);
        Assert.Equal(Errno.ENOENT, Errno.Of(problem));
    }

    [Fact]
    public void Attributes_of_links_and_devices_are_their_own()
    {
        Peer.RequireRoot();
        Linux.MakeSymlink(root, "link"u8, "file"u8);
        Linux.MakeNode(root, "null"u8, 0x2000 | 0x1B6, 1, 3);
        foreach (var name in (byte[][])["link"u8.ToArray(), "null"u8.ToArray()])
        {
            Linux.SetXattr(root, name, "trusted.mine"u8, "yes"u8);
            Assert.Equal("yes"u8.ToArray(), Assert.Single(Linux.ReadXattrs(root, name)).Value);
            Linux.RemoveXattr(root, name, "trusted.mine"u8);
            Linux.RemoveXattr(root, name, "trusted.mine"u8);
            Assert.Empty(Linux.ReadXattrs(root, name));
        }

        Assert.Empty(Linux.ReadXattrs(root, "file"u8));
    }

    [Theory]
    [InlineData("security.capability", true)]
    [InlineData("security.selinux", true)]
    [InlineData("security.ima", false)]
    [InlineData("security.evm", false)]
    [InlineData("system.posix_acl_access", true)]
    [InlineData("system.nfs4_acl", false)]
    [InlineData("user.any", true)]
    [InlineData("trusted.any", true)]
    [InlineData("trusted.overlay.opaque", false)]
    public void Only_what_is_content_is_managed(string name, bool managed)
        => Assert.Equal(managed, Linux.IsManagedXattr(System.Text.Encoding.ASCII.GetBytes(name)));

    [Fact]
    public void Mode_and_time_can_be_set_through_a_mere_name()
    {
        using var named = Linux.OpenBeneath(root, "file"u8, OpenFlags.PathOnly);
        Linux.SetMode(named, 0x9ED);
        Linux.SetModified(named, [], new FileTime(-5, 7));
        var stat = Linux.Stat(named);
        Assert.Equal((ushort)0x9ED, stat.Mode);
        Assert.Equal(new FileTime(-5, 7), stat.Modified);
    }

    [Fact]
    public void Two_names_can_be_exchanged_even_if_one_is_a_directory()
    {
        Linux.Exchange(root, "dir"u8, root, "file"u8);
        Assert.Equal(EntryKind.File, Linux.FindStat(root, "dir"u8)!.Value.Kind);
        Assert.Equal(EntryKind.Directory, Linux.FindStat(root, "file"u8)!.Value.Kind);
    }

    [Fact]
    public void Renaming_to_a_new_name_replaces_nothing()
    {
        AtomicFile.Write(root, "other"u8, "x"u8);
        Assert.Equal(ProblemKind.Conflict, Assert.Throws<ProblemException>(() => Linux.RenameToNew(root, "file"u8, root, "other"u8)).Kind);
    }

    [Fact]
    public void An_unnamed_file_can_be_given_a_name()
    {
        using var file = Linux.OpenUnnamed(root, 0x180);
        Assert.NotNull(file);
        Linux.Write(file, "late"u8, 0);
        Linux.Link(file, root, "named"u8);
        Assert.Equal("late"u8.ToArray(), AtomicFile.Read(root, "named"u8, 100));
    }

    [Fact]
    public void Immutable_and_append_only_flags_are_seen_and_lifted()
    {
        Peer.RequireRoot();
        using var file = Linux.OpenBeneath(root, "file"u8, OpenFlags.Read);
        Linux.SetFlagsOf(file, immutable: true, appendOnly: true);
        Assert.True(Linux.Stat(file) is { Immutable: true, AppendOnly: true });
        Assert.Throws<ProblemException>(() => Linux.Unlink(root, "file"u8));
        Assert.True(Linux.LiftFlags(file));
        Assert.False(Linux.LiftFlags(file));
        Linux.Unlink(root, "file"u8);
    }

    [Fact]
    public void What_was_copied_in_the_kernel_is_the_same()
    {
        using var from = Linux.OpenBeneath(root, "file"u8, OpenFlags.Read);
        using var to = Linux.OpenBeneath(root, "copy"u8, OpenFlags.Write | OpenFlags.Create, 0x180);
        Assert.Equal(7, Linux.CopyRange(from, 0, to, 0, 100));
        Assert.Equal("content"u8.ToArray(), AtomicFile.Read(root, "copy"u8, 100));
    }

    [Fact]
    public void A_view_without_mounts_shows_what_lies_under_them()
    {
        Peer.RequireRoot();
        using var machine = Linux.OpenRoot("/");
        using var view = Linux.OpenRootWithoutMounts(machine);
        Assert.NotNull(view);
        using var proc = Linux.OpenBeneath(view, "proc"u8, OpenFlags.Read | OpenFlags.Directory);
        Assert.Equal(Linux.Stat(view).Device, Linux.Stat(proc).Device);
    }

    [Fact]
    public void A_lock_is_held_until_its_handle_closes()
    {
        using var other = Linux.OpenRoot(folder.Path);
        Assert.True(Linux.TryLock(root));
        Assert.False(Linux.TryLock(other));
        root.Dispose();
        // A child that another test is just starting has the handle too, until it becomes another program.
        while (!Linux.TryLock(other))
        {
            TestContext.Current.CancellationToken.ThrowIfCancellationRequested();
        }
    }
}
