using System.Net;
using Muster.Core.Objects;
using Muster.Protocol.Agent;
using Muster.Protocol.Images;
using Muster.Protocol.Machines;
using Muster.Protocol.Operations;
using Muster.Tests.Machines;
using Muster.Tests.Objects;
using Xunit;

namespace Muster.Tests.Images;

public sealed class DamagedImageTests : FleetTest
{
    [Theory]
    [InlineData(ObjectKind.File)]
    [InlineData(ObjectKind.Directory)]
    public async Task An_image_says_that_an_object_of_it_is_damaged_until_it_was_sent_again(ObjectKind kind)
    {
        var (mine, other) = (SmallImage.With("welcome"), SmallImage.With("good bye"));
        await AddImageAsync("web/1", mine);
        await AddImageAsync("web/2", other);

        await LoseAsync(new ObjectReference(kind, Digest.Of(kind == ObjectKind.File ? mine.File : mine.Directory)));

        await UntilDamagedAsync("web/1");
        Assert.Equal([("web/1", 1), ("web/2", 0)], (await GetAsync<Listing<ImageSummary>>("images/list")).Items.Select(image => (image.Name, image.Damaged)));
        Assert.Equal(1, (await GetAsync<ImageDetails>("images/show?image=web/1")).Summary.Damaged);

        await AddImageAsync("web/3", mine);
        Assert.Equal(0, (await GetAsync<ImageDetails>("images/show?image=web/1")).Summary.Damaged);
    }

    [Fact]
    public async Task A_name_is_not_given_to_an_image_of_which_an_object_is_damaged()
    {
        var small = SmallImage.With("welcome");
        await AddImageAsync("web/1", small);
        await LoseAsync(new ObjectReference(ObjectKind.File, Digest.Of(small.File)));
        await UntilDamagedAsync("web/1");

        Assert.Equal("object.incomplete", await RefusedAsync("images/add", new AddImage("web/2", small.Digest)));
    }

    [Fact]
    public async Task A_machine_gets_what_is_good_and_then_hears_why_the_rest_does_not_come()
    {
        var small = SmallImage.With("welcome");
        await AddImageAsync("web/1", small);
        using var agent = await PaperAgent.JoinAsync(Server, Admin);
        await PostAsync<MachineSummary>("machines/require-image", new RequireImage(agent.Name, "web/1"));
        var (file, directory) = (new ObjectReference(ObjectKind.File, Digest.Of(small.File)), new ObjectReference(ObjectKind.Directory, Digest.Of(small.Directory)));
        await LoseAsync(file);

        var both = await agent.PostAsync("objects", new GetObjects([file.ToString(), directory.ToString()]));
        var rest = await agent.PostAsync("objects", new GetObjects([file.ToString()]));

        Assert.Equal(await ObjectBatch.Of((ObjectKind.Directory, small.Directory)).ReadAsByteArrayAsync(Cancellation), await both.Content.ReadAsByteArrayAsync(Cancellation));
        Assert.Equal("object.damaged", await PaperAgent.RefusedAsync(rest));
    }

    // Deletes it from the store and looks at it, because damage is found by looking.
    private async Task LoseAsync(ObjectReference reference)
    {
        var digest = reference.Digest.ToString();
        File.Delete(Path.Combine(Server.DataDirectory, "objects", reference.Kind.ToString().ToLowerInvariant(), digest[..2], digest));
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await Admin.GetAsync($"/api/v1/objects/get?object={reference}", Cancellation)).StatusCode);
    }

    private async Task UntilDamagedAsync(string image)
    {
        using var again = new PeriodicTimer(TimeSpan.FromMilliseconds(10));
        while ((await GetAsync<ImageDetails>($"images/show?image={image}")).Summary.Damaged == 0)
        {
            await again.WaitForNextTickAsync(Cancellation);
        }
    }
}
