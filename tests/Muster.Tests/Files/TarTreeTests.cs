using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Muster.Core.Objects;
using Muster.Core.Problems;
using Muster.Core.Trees;
using Muster.Files;
using Muster.Files.Tar;
using Muster.Testing;

namespace Muster.Tests.Files;

public sealed class TarTreeTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("--format=pax", "--sparse-version=1.0", "-S")]
    [InlineData("--format=pax", "--sparse-version=0.1", "-S")]
    [InlineData("--format=pax", "--sparse-version=0.0", "-S")]
    [InlineData("--format=pax")]
    public async Task A_nasty_tree_archived_by_tar_is_the_tree_that_a_scan_sees(params string[] options)
    {
        Peer.RequireRoot();
        for (var round = 0; round < Series.Rounds(100, 3); round++)
        {
            using var place = Nasty(round);
            await TarAsync(place, "plain.tar", [.. options, "--xattrs", "--xattrs-include=*", "--acls", "--numeric-owner"]);
            var seen = await TreeListing.ScanAsync(place.Under("tree"));
            using var tree = Read(place.Under("plain.tar"));
            Assert.Equal(TreeListing.Of(seen.Tree), TreeListing.Of(tree.Tree));
            Assert.Equal(seen.Tree.Digest, tree.Tree.Digest);
            CheckContents(tree);
        }
    }

    [Theory]
    [InlineData("--format=gnu", "-S")]
    [InlineData("--format=gnu")]
    public async Task Gnu_archives_lack_only_attributes_and_fractions_of_seconds(params string[] options)
    {
        Peer.RequireRoot();
        for (var round = 0; round < Series.Rounds(100, 3); round++)
        {
            using var place = Nasty(round);
            await TarAsync(place, "gnu.tar", [.. options, "--numeric-owner"]);
            var seen = await TreeListing.ScanAsync(place.Under("tree"));
            using var tree = Read(place.Under("gnu.tar"));
            Assert.Equal(TreeListing.Of(Coarse(seen.Tree)), TreeListing.Of(tree.Tree));
            CheckContents(tree);
        }
    }

    [Theory]
    [InlineData("gzip")]
    [InlineData("zstd")]
    public async Task A_compressed_archive_gives_the_same_tree_and_content(string program)
    {
        Peer.RequireRoot();
        using var place = Nasty(1);
        await TarAsync(place, "plain.tar", ["--format=pax"]);
        await TreeListing.OutputAsync(place.Path, program, "-k", "plain.tar");
        using var plain = Read(place.Under("plain.tar"));
        using var packed = Read(place.Under(program == "gzip" ? "plain.tar.gz" : "plain.tar.zst"));
        Assert.Equal(plain.Tree.Digest, packed.Tree.Digest);
        CheckContents(packed);
    }

    [Fact]
    public async Task A_compressed_archive_that_was_cut_is_refused()
    {
        await File.WriteAllBytesAsync(folder.Under("file"), new byte[100_000]);
        await TreeListing.OutputAsync(folder.Path, "tar", "-czf", "a.tar.gz", "file");
        var bytes = await File.ReadAllBytesAsync(folder.Under("a.tar.gz"));
        Assert.StartsWith("tar.", Refusal(bytes[..^20]).Code, StringComparison.Ordinal);
        bytes[^6] ^= 1;
        Assert.Equal("tar.compression", Refusal(bytes).Code);
    }

    [Theory]
    [InlineData("user::rw-\nuser:alice:r--\ngroup::r--\nmask::r--\nother::---\n")]
    [InlineData("user::rw-,user:alice:r--:1234,group::r--,mask::r--,other::---")]
    [InlineData("u::rw-,u:1234:r--,g::r--,m:r--,o:---")]
    public void Names_in_access_lists_are_those_of_the_archives_own_users(string list)
    {
        var record = $" SCHILY.acl.access={list}\n";
        using var tree = Read(new TarBytes().Add("pax", 'x', content: Encoding.ASCII.GetBytes($"{record.Length + 2}{record}")).File("a", "x")
            .File("etc/passwd", "root:x:0:0::/:\nalice:x:1234:5::/:\n").End());
        Assert.Equal("0200000001000600ffffffff02000400d204000004000400ffffffff10000400ffffffff20000000ffffffff",
            Convert.ToHexStringLower(tree.Tree.Find(TreePath.FromText("a"))!.Xattrs.Single().Value));
    }

    [Fact]
    public void A_name_in_an_access_list_that_nobody_knows_is_refused()
        => Assert.Equal("tar.acl", Refusal(new TarBytes().Add("pax", 'x', content: "36 SCHILY.acl.access=user:alice:r--\n"u8.ToArray()).File("a", "x").End()).Code);

    [Fact]
    public void Xz_is_refused_with_what_to_do()
        => Assert.Contains("xz -d", Refusal([0xFD, .. "7zXZ"u8, 0, .. new byte[600]]).Message, StringComparison.Ordinal);

    [Fact]
    public async Task Every_cut_of_an_archive_is_refused()
    {
        Directory.CreateDirectory(folder.Under("tree", "a"));
        await File.WriteAllBytesAsync(folder.Under("tree", "a", "b"), new byte[700]);
        await TarAsync(folder, "a.tar", ["--format=pax"]);
        var bytes = await File.ReadAllBytesAsync(folder.Under("a.tar"));
        var end = bytes.AsSpan().LastIndexOfAnyExcept((byte)0);
        for (var length = 0; length <= end; length += 100)
        {
            Assert.StartsWith("tar.", Refusal(bytes[..length]).Code, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("../evil", "tar.name")]
    [InlineData("a/../../evil", "tar.name")]
    [InlineData("/etc/passwd", "tar.name")]
    [InlineData("a/..", "tar.name")]
    [InlineData("", "tar.name")]
    [InlineData(".", "tar.name")]
    public void A_name_that_leads_outside_is_refused(string name, string code)
    {
        var problem = Refusal(new TarBytes().File(name, "x").End());
        Assert.Equal(code, problem.Code);
        Assert.Equal(ProblemKind.Invalid, problem.Kind);
        Assert.Contains("at byte 0", problem.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("../../etc/shadow")]
    [InlineData("/etc/shadow")]
    [InlineData("missing")]
    [InlineData("dir")]
    [InlineData("me")]
    public void A_hard_link_to_anything_but_an_earlier_file_is_refused(string target)
        => Assert.Equal("tar.link", Refusal(new TarBytes().Add("dir/", '5').Add("me", '1', link: target).End()).Code);

    [Fact]
    public void A_member_below_a_symlink_is_refused_in_either_order()
    {
        Assert.Equal("tar.parent", Refusal(new TarBytes().Add("l", '2', link: "/etc").File("l/passwd", "x").End()).Code);
        Assert.Equal("tar.parent", Refusal(new TarBytes().File("l/passwd", "x").Add("l", '2', link: "/etc").End()).Code);
        Assert.Equal("tar.parent", Refusal(new TarBytes().File("f", "").File("f/a/b/c", "x").End()).Code);
    }

    [Fact]
    public void A_name_that_is_in_it_twice_is_refused()
        => Assert.Equal("tar.duplicate", Refusal(new TarBytes().File("a/b", "1").File("./a//b", "2").End()).Code);

    [Fact]
    public void Absolute_symlinks_and_devices_of_a_real_root_are_content()
    {
        using var tree = Read(new TarBytes().Add("dev/sda", '4', major: 8, minor: 1).Add("bin", '2', link: "/../../usr/bin").End());
        Assert.Equal((8u, 1u), (tree.Tree.Find(TreePath.FromText("dev/sda"))!.Major, tree.Tree.Find(TreePath.FromText("dev/sda"))!.Minor));
        Assert.Equal("/../../usr/bin"u8.ToArray(), tree.Tree.Find(TreePath.FromText("bin"))!.Target);
        Assert.Single(tree.Warnings);
    }

    [Fact]
    public void Huge_and_negative_numbers_are_refused()
    {
        foreach (var field in (int[])[108, 116, 124])
        {
            var bytes = new TarBytes().File("a", "x").End();
            bytes.AsSpan(field, 8).Fill(0xFF);
            Assert.Equal("tar.number", Refusal(TarBytes.Sum(bytes)).Code);
            bytes[field] = 0x80;
            Assert.StartsWith("tar.", Refusal(TarBytes.Sum(bytes)).Code, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_damaged_header_is_refused_where_it_is()
    {
        var bytes = new TarBytes().File("a", "x").File("b", "y").End();
        bytes[1024] ^= 1;
        var problem = Refusal(bytes);
        Assert.Equal("tar.header", problem.Code);
        Assert.Contains("1024", problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nothing_may_follow_the_end_mark()
    {
        await File.WriteAllTextAsync(folder.Under("file"), "content");
        await TreeListing.OutputAsync(folder.Path, "tar", "-cf", "a.tar", "file");
        var bytes = await File.ReadAllBytesAsync(folder.Under("a.tar"));
        Assert.Equal("tar.trailing", Refusal([.. bytes, .. bytes]).Code);

        // A header that was overwritten with zeros looks like the end.
        var two = new TarBytes().File("a", "x").File("b", "y").End();
        two.AsSpan(1024, 512).Clear();
        var problem = Refusal(two);
        Assert.Equal("tar.trailing", problem.Code);
        Assert.Contains("1536", problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_small_archive_that_claims_endless_holes_is_refused_before_they_are_hashed()
    {
        var pax = new TarBytes().Pax("GNU.sparse.size=4611686018427387904", "GNU.sparse.map=0,1").File("a", "x").End();
        Assert.Equal(("tar.limit", ProblemKind.TooLarge), (Refusal(pax).Code, Refusal(pax).Kind));

        // The same in GNU's old form: numbers in binary, one piece of content at 0 of 2^62 bytes.
        var gnu = new TarBytes().Add("a", 'S', content: "x"u8.ToArray()).End();
        gnu[386] = gnu[398] = gnu[483] = 0x80;
        (gnu[409], gnu[487]) = (1, 0x40);
        Assert.Equal("tar.limit", Refusal(TarBytes.Sum(gnu)).Code);
    }

    [Fact]
    public void Any_damage_is_refused_or_gives_a_tree_and_never_anything_else()
        => Prop.ForAll<byte[], int, byte>((content, at, value) =>
        {
            var bytes = new TarBytes().Add("x", 'x', content: "30 mtime=-1.5\n"u8.ToArray()).File("a", Encoding.Latin1.GetString(content))
                .Add("l", '1', link: "a").Add("d/", '5').End();
            bytes[(int)((uint)at % (uint)bytes.Length)] = value;
            try
            {
                using var tree = Read(TarBytes.Sum(bytes));
                _ = tree.Tree.Digest;
            }
            catch (ProblemException problem)
            {
                Assert.StartsWith("tar.", problem.Code, StringComparison.Ordinal);
            }
        }).Check(Cases.Of(500));

    private static void CheckContents(TarTree tree)
    {
        Check(tree.Tree.Root, TreePath.Root);
        void Check(TreeEntry entry, TreePath path)
        {
            foreach (var child in (entry.Directory ?? TreeDirectory.Empty).Entries)
            {
                Check(child, path.Join(child.Name));
            }

            if (entry.Kind == EntryKind.File)
            {
                var content = new byte[entry.Size];
                var open = tree.Open(path);
                for (var at = 0; at < content.Length; at += 5000)
                {
                    open.Read(at, content.AsSpan(at, Math.Min(5000, content.Length - at)));
                }

                Assert.Equal(entry.Content, Digest.Of(content));
            }
        }
    }

    private static Tree Coarse(Tree tree)
    {
        return new Tree(Strip(tree.Root), tree.HardLinks);
        static TreeEntry Strip(TreeEntry entry)
        {
            // A time before 1970 with a fraction lies in the second before; tar cuts the fraction off.
            var bare = entry with { Xattrs = [], Modified = new FileTime(entry.Modified.Seconds, 0) };
            return entry.Directory is { } directory ? bare.WithDirectory(new TreeDirectory([.. directory.Entries.ToArray().Select(Strip)])) : bare;
        }
    }

    private static TemporaryFolder Nasty(int round)
    {
        var place = new TemporaryFolder();
        Directory.CreateDirectory(place.Under("tree"));
        using var root = Linux.OpenRoot(place.Under("tree"));
        new NastyTree(Series.Random(round)).Fill(root, 150);
        return place;
    }

    private static Task<string> TarAsync(TemporaryFolder place, string file, string[] options)
        => TreeListing.OutputAsync(place.Path, "tar", ["-cf", file, .. options, "-C", "tree", "."]);

    private TarTree Read(string path) => TarTree.Read(File.OpenRead(path), folder.Path, null, CancellationToken.None);

    private TarTree Read(byte[] bytes) => TarTree.Read(new MemoryStream(bytes), folder.Path, null, CancellationToken.None);

    private ProblemException Refusal(byte[] bytes) => Assert.Throws<ProblemException>(() => Read(bytes).Dispose());
}
