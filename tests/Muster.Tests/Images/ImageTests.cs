using System.Net;
using System.Text;
using Muster.Core.Images;
using Muster.Core.Objects;
using Muster.Core.Trees;
using Muster.Protocol.Images;
using Muster.Protocol.Machines;
using Muster.Protocol.Operations;
using Muster.Testing;
using Muster.Tests.Machines;
using Muster.Tests.Objects;
using Xunit;

namespace Muster.Tests.Images;

public sealed class ImageTests : FleetTest
{
    [Fact]
    public async Task An_image_is_added_listed_shown_browsed_and_its_files_read()
    {
        var small = SmallImage.With("welcome");
        var added = await AddImageAsync("web/1", small);

        Assert.Equal((2L, 1L, 7L), (added.Entries, added.Files, added.Bytes));
        Assert.Equal("web/1", Assert.Single((await GetAsync<Listing<ImageSummary>>("images/list?search=WEB&sort=-createdAt")).Items).Name);
        Assert.Equal("", (await GetAsync<ImageDetails>("images/show?image=web/1")).Filter);
        var entries = (await GetAsync<Listing<ImageEntry>>("images/browse?image=web/1&path=/")).Items;
        Assert.Equal(["link symlink motd", "motd file "], entries.Select(entry => $"{entry.Name} {entry.Kind} {entry.Target}"));
        Assert.Equal("welcome", await Admin.GetStringAsync("/api/v1/images/file?image=web/1&path=/motd", Cancellation));
    }

    [Fact]
    public async Task A_name_is_never_used_twice_not_even_after_deletion()
    {
        var small = SmallImage.With("welcome");
        await AddImageAsync("web/1", small);
        Assert.Equal("image.name-used", await RefusedAsync("images/add", new AddImage("web/1", small.Digest)));

        await PostAsync<ImageSummary>("images/delete", new DeleteImage("web/1"));

        Assert.Equal("image.name-used", await RefusedAsync("images/add", new AddImage("web/1", small.Digest)));
        Assert.Empty((await GetAsync<Listing<ImageSummary>>("images/list")).Items);
    }

    [Fact]
    public async Task An_image_whose_objects_were_not_sent_is_refused()
    {
        Assert.Equal("object.unknown", await RefusedAsync("images/add", new AddImage("web/1", SmallImage.With("never sent").Digest)));
    }

    [Fact]
    public async Task A_planned_image_is_made_once_by_applying_the_plan()
    {
        var small = SmallImage.With("welcome");
        (await Admin.PostAsync("/api/v1/objects/add", small.Batch, Cancellation)).EnsureSuccessStatusCode();

        var plan = await PlanAsync("images/add", new AddImage("web/1", small.Digest));

        Assert.Equal("Add image web/1", plan.Sentence);
        Assert.Empty((await GetAsync<Listing<ImageSummary>>("images/list")).Items);
        (await ApplyAsync(plan)).EnsureSuccessStatusCode();
        (await ApplyAsync(plan)).EnsureSuccessStatusCode();
        Assert.Single((await GetAsync<Listing<ImageSummary>>("images/list")).Items);
    }

    [Fact]
    public async Task A_difference_says_what_differs_and_is_paged()
    {
        await AddImageAsync("web/1", SmallImage.With("welcome"));
        await AddImageAsync("web/2", SmallImage.With("good bye"));
        var difference = Assert.Single((await GetAsync<Listing<ImageDifference>>("images/diff?from=web/1&to=web/2")).Items);
        Assert.Equal(("/motd", "changed"), (difference.Shown, difference.Kind));
        Assert.Equal(["content"], difference.Facets);
        Assert.Equal((7L, 8L), (difference.From!.Size, difference.To!.Size));
    }

    [Fact]
    public async Task An_image_that_a_machine_requires_is_not_deleted()
    {
        await AddImageAsync("web/1", SmallImage.With("welcome"));
        using var agent = await PaperAgent.JoinAsync(Server, Admin);
        await PostAsync<MachineSummary>("machines/require-image", new RequireImage(agent.Name, "web/1"));
        Assert.Equal("image.required", await RefusedAsync("images/delete", new DeleteImage("web/1")));
    }

    [Fact]
    public async Task Hard_links_that_are_not_one_file_are_refused()
    {
        TreeEntry File(string name, string text) => new() { Name = Encoding.UTF8.GetBytes(name), Kind = EntryKind.File, Size = text.Length, Content = Digest.Of(Encoding.UTF8.GetBytes(text)) };
        var directory = new TreeDirectory([File("a", "one"), File("b", "two")]);
        var tree = new Tree(new TreeEntry { Name = [], Kind = EntryKind.Directory }.WithDirectory(directory), [new HardLinkGroup([TreePath.FromText("/a"), TreePath.FromText("/b")])]);
        var image = new Image(tree.Digest, "", "", []).Encode();
        var batch = ObjectBatch.Of(
            (ObjectKind.File, "one"u8.ToArray()), (ObjectKind.File, "two"u8.ToArray()), (ObjectKind.Directory, TreeFormat.Encode(directory)), (ObjectKind.Tree, TreeFormat.Encode(tree)), (ObjectKind.Image, image));
        (await Admin.PostAsync("/api/v1/objects/add", batch, Cancellation)).EnsureSuccessStatusCode();

        Assert.Equal("image.links", await RefusedAsync("images/add", new AddImage("web/1", Digest.Of(image))));
    }

    [Fact]
    public async Task Names_that_are_not_text_are_browsed_by_their_escaped_form()
    {
        var inner = new TreeDirectory([new TreeEntry { Name = [0xE9, (byte)'\n'], Kind = EntryKind.Fifo }]);
        var outer = new TreeDirectory([new TreeEntry { Name = [(byte)'d', 0xFF], Kind = EntryKind.Directory }.WithDirectory(inner)]);
        var tree = new Tree(new TreeEntry { Name = [], Kind = EntryKind.Directory }.WithDirectory(outer), []);
        var image = new Image(tree.Digest, "", "", []).Encode();
        var batch = ObjectBatch.Of((ObjectKind.Directory, TreeFormat.Encode(inner)), (ObjectKind.Directory, TreeFormat.Encode(outer)), (ObjectKind.Tree, TreeFormat.Encode(tree)), (ObjectKind.Image, image));
        (await Admin.PostAsync("/api/v1/objects/add", batch, Cancellation)).EnsureSuccessStatusCode();
        await PostAsync<ImageSummary>("images/add", new AddImage("odd", Digest.Of(image)));

        var path = Uri.EscapeDataString("/d\\xFF");
        Assert.Equal("\\xE9\\n", Assert.Single((await GetAsync<Listing<ImageEntry>>($"images/browse?image=odd&path={path}")).Items).Name);
        var answer = await Admin.GetAsync("/api/v1/images/browse?image=odd&path=/none", Cancellation);
        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
    }
}
