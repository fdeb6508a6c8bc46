using Microsoft.Extensions.DependencyInjection;
using Muster.Protocol.Images;
using Muster.Protocol.Machines;
using Muster.Protocol.Operations;
using Muster.Server.Database;
using Muster.Tests.Objects;
using Xunit;

namespace Muster.Tests.Machines;

/// <summary>Four machines: two want web/1, one of them silent; one wants web/2; of the last nothing is wanted.</summary>
public sealed class MachineListTests : FleetTest
{
    [Fact]
    public async Task Two_images_as_filter_show_the_machines_of_either()
    {
        await MakeFleetAsync();
        Assert.Equal(["a", "b", "c"], await NamesAsync("image=web/1,web/2"));
        var second = (await GetAsync<ImageDetails>("images/show?image=web/2")).Summary.Id;
        Assert.Equal(["c"], await NamesAsync($"image={second}"));
    }

    [Fact]
    public async Task Values_of_one_label_widen_the_list_and_different_labels_narrow_it()
    {
        await MakeFleetAsync();
        Assert.Equal(["a", "b", "c"], await NamesAsync("labels=role=web,role=db"));
        Assert.Equal(["c"], await NamesAsync("labels=role=web,role=db,env=test"));
        Assert.Equal(["a", "b", "c"], await NamesAsync("labels=role"));
        Assert.Empty(await NamesAsync("labels=role=db,env=prod"));
    }

    [Fact]
    public async Task A_silent_machine_is_unreachable_and_counts_as_nothing_else()
    {
        await MakeFleetAsync();
        Assert.Equal(["a", "c"], await NamesAsync("state=planned"));
        Assert.Equal(["b"], await NamesAsync("state=unreachable"));
        var all = await GetAsync<Listing<MachineSummary>>("machines/list?limit=1&counts=state");
        Assert.Equal([("planned", 2L), ("unknown", 1), ("unreachable", 1)], all.Counts!.Select(count => (count.Value, count.Count)).OrderBy(count => count.Value));
        Assert.Equal(all.Total, all.Counts!.Sum(count => count.Count));
    }

    [Fact]
    public async Task A_facet_is_counted_under_every_filter_but_its_own()
    {
        await MakeFleetAsync();
        var found = await GetAsync<Listing<MachineSummary>>("machines/list?counts=image,labels&image=web/1&labels=role=web");
        Assert.Equal(["a", "b"], found.Items.Select(machine => machine.Name));
        Assert.Equal(
            ["image web/1 2", "image web/2 1", "labels env=prod 1", "labels role=web 2"],
            found.Counts!.Select(count => $"{count.Facet} {count.Value} {count.Count}").Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Each_machine_of_a_page_has_its_own_labels()
    {
        await MakeFleetAsync();
        var page = await GetAsync<Listing<MachineSummary>>("machines/list?sort=-name&limit=3");
        Assert.Equal(["d:", "c: env=test role=web", "b: role=web"], page.Items.Select(machine => $"{machine.Name}: {string.Join(' ', machine.Labels.OrderBy(label => label.Key, StringComparer.Ordinal).Select(label => $"{label.Key}={label.Value}"))}".TrimEnd()));
    }

    [Theory]
    [InlineData("machines/list?counts=colour", "counts")]
    [InlineData("machines/list?state=lost", "state")]
    [InlineData("images/diff?from=web/1&to=web/2&kind=odd", "kind")]
    public async Task What_is_not_there_cannot_be_asked_for(string path, string argument)
    {
        var answer = await Admin.GetAsync("/api/v1/" + path, Cancellation);
        Assert.Contains($"\"argument\":\"{argument}\"", await answer.Content.ReadAsStringAsync(Cancellation), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Images_and_conditions_and_drift_are_counted_too()
    {
        await MakeFleetAsync();
        var images = await GetAsync<Listing<ImageSummary>>("images/list?counts=required,createdBy&required=yes");
        Assert.Equal(["createdBy admin 2", "required yes 2"], images.Counts!.Select(count => $"{count.Facet} {count.Value} {count.Count}").Order(StringComparer.Ordinal));
        Assert.Empty((await GetAsync<Listing<ImageSummary>>("images/list?required=no")).Items);
        Assert.Empty((await GetAsync<Listing<ObjectCondition>>("conditions/list?counts=severity,machine&machine=a,b&severity=error")).Counts!);
        Assert.Empty((await GetAsync<Listing<DriftDetails>>("machines/drift?counts=machine,outcome&machine=a&outcome=war")).Counts!);
    }

    [Fact]
    public async Task Differences_of_one_kind_are_counted_on_the_server()
    {
        await AddImageAsync("web/1", SmallImage.With("welcome"));
        await AddImageAsync("web/2", SmallImage.With("changed"));
        var all = await GetAsync<Listing<ImageDifference>>("images/diff?from=web/1&to=web/2&kind=added&counts=kind");
        Assert.Empty(all.Items);
        Assert.Equal(new FacetCount("kind", "changed", 1), Assert.Single(all.Counts!));
        Assert.Equal("/motd", Assert.Single((await GetAsync<Listing<ImageDifference>>("images/diff?from=web/1&to=web/2&kind=changed")).Items).Shown);
    }

    private async Task<IEnumerable<string>> NamesAsync(string query) => (await GetAsync<Listing<MachineSummary>>("machines/list?" + query)).Items.Select(machine => machine.Name);

    private async Task MakeFleetAsync()
    {
        await AddImageAsync("web/1", SmallImage.With("welcome"));
        await AddImageAsync("web/2", SmallImage.With("welcome back"));
        foreach (var (name, image, labels) in new (string, string?, Dictionary<string, string>)[]
        {
            ("a", "web/1", new() { ["role"] = "web", ["env"] = "prod" }),
            ("b", "web/1", new() { ["role"] = "web" }),
            ("c", "web/2", new() { ["role"] = "web", ["env"] = "test" }),
            ("d", null, []),
        })
        {
            using var agent = await PaperAgent.JoinAsync(Server, Admin, name);
            if (image is not null)
            {
                await PostAsync<MachineSummary>("machines/require-image", new RequireImage(name, image));
                await PostAsync<MachineSummary>("machines/edit", new EditMachine(name, Labels: labels));
            }
        }

        await Server.Services.GetRequiredService<SqlDatabase>().WriteAsync(
            sql => sql.ExecuteAsync("UPDATE machines SET link = 'unreachable' WHERE name = 'b'", null, Cancellation), Cancellation);
    }
}
