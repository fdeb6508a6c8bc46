using System.Net;
using Muster.Core.Objects;
using Muster.Core.Trees;
using Muster.Protocol.Agent;
using Muster.Protocol.Machines;
using Muster.Protocol.Operations;
using Muster.Tests.Objects;
using Xunit;

namespace Muster.Tests.Machines;

public sealed class SessionTests : FleetTest
{
    [Fact]
    public async Task An_order_follows_each_change_of_what_is_wanted_with_a_higher_number()
    {
        await AddImageAsync("web/1", SmallImage.With("welcome"));
        using var agent = await PaperAgent.JoinAsync(Server, Admin);
        using var orders = new OrderReader(await agent.OpenSessionAsync());
        var first = (await orders.NextAsync())!;
        Assert.Equal("forget", Assert.Single(first.Steps).Kind);

        await PostAsync<MachineSummary>("machines/require-image", new RequireImage(agent.Name, "web/1"));
        var second = (await orders.NextAsync())!;
        await PostAsync<MachineSummary>("machines/edit", new EditMachine(agent.Name, Mode: MachineMode.Monitor));
        var third = (await orders.NextAsync())!;

        Assert.Equal([first.Number + 1, first.Number + 2], [second.Number, third.Number]);
        Assert.Equal(("keep", "web/1", MachineMode.Image), (second.Steps[0].Kind, second.Steps[0].ImageName, second.Steps[0].Mode!.Value));
        Assert.Equal(MachineMode.Monitor, third.Steps[0].Mode);
        Assert.Equal(MachineLink.Connected, (await ShowAsync(agent)).Summary.Link);
    }

    [Fact]
    public async Task A_new_stream_ends_the_old_one_and_a_broken_one_is_reconnecting()
    {
        using var agent = await PaperAgent.JoinAsync(Server, Admin);
        using var old = new OrderReader(await agent.OpenSessionAsync());
        await old.NextAsync();
        var stream = await agent.OpenSessionAsync();
        using (var present = new OrderReader(stream))
        {
            await present.NextAsync();
            Assert.Null(await old.NextAsync());
            Assert.Equal(MachineLink.Connected, (await ShowAsync(agent)).Summary.Link);
        }

        await ShowUntilAsync(agent, machine => machine.Summary.Link == MachineLink.Reconnecting);
    }

    [Fact]
    public async Task A_deleted_machine_is_cut_off()
    {
        using var agent = await PaperAgent.JoinAsync(Server, Admin);
        using var orders = new OrderReader(await agent.OpenSessionAsync());
        await orders.NextAsync();

        await PostAsync<MachineSummary>("machines/delete", new DeleteMachine(agent.Name));

        Assert.Null(await orders.NextAsync());
        Assert.Equal("cert.revoked", await PaperAgent.RefusedAsync(await agent.PostAsync("report", Nothing())));
    }

    [Fact]
    public async Task A_machine_gets_what_its_image_reaches_and_nothing_else()
    {
        var wanted = SmallImage.With("welcome");
        var other = SmallImage.With("secret of another machine");
        await AddImageAsync("web/1", wanted);
        await AddImageAsync("db/1", other);
        using var agent = await PaperAgent.JoinAsync(Server, Admin);
        var file = $"/agent/v1/objects/file/{Digest.Of(wanted.File)}";
        Assert.Equal("object.unknown", await PaperAgent.RefusedAsync(await agent.Client.GetAsync(file, Cancellation)));

        await PostAsync<MachineSummary>("machines/require-image", new RequireImage(agent.Name, "web/1"));

        Assert.Equal(wanted.File, await agent.Client.GetByteArrayAsync(file, Cancellation));
        var refused = await agent.Client.GetAsync($"/agent/v1/objects/file/{Digest.Of(other.File)}", Cancellation);
        Assert.Equal(HttpStatusCode.NotFound, refused.StatusCode);
        var both = new GetObjects([$"file:{Digest.Of(wanted.File)}", $"file:{Digest.Of(other.File)}"]);
        Assert.Equal("object.unknown", await PaperAgent.RefusedAsync(await agent.PostAsync("objects", both)));
        var answer = await agent.PostAsync("objects", new GetObjects([$"image:{wanted.Digest}", $"tree:{Digest.Of(wanted.Tree)}", $"file:{Digest.Of(wanted.File)}"]));
        var batch = await answer.Content.ReadAsByteArrayAsync(Cancellation);
        var seen = new List<ObjectReference>();
        for (var at = 0; at < batch.Length;)
        {
            BatchHeader.TryRead(batch.AsSpan(at), out var header, out var used);
            seen.Add(header.Reference);
            at += used + (int)header.StoredLength;
        }

        Assert.Equal(3, seen.Distinct().Count());
    }

    [Fact]
    public async Task A_report_in_sync_shows_the_machine_in_sync_only_with_the_wanted_digest()
    {
        var image = SmallImage.With("welcome");
        var added = await AddImageAsync("web/1", image);
        using var agent = await PaperAgent.JoinAsync(Server, Admin);
        await PostAsync<MachineSummary>("machines/require-image", new RequireImage(agent.Name, "web/1"));
        var order = (await ShowAsync(agent)).Wanted.Order;

        await agent.ReportAsync(Nothing() with { Order = order, State = MachineState.InSync, Tree = Digest.Of("a lie"u8), Counts = new(2, 1, 7, 0, 0, 0) });
        Assert.Equal(MachineState.Drifted, (await ShowAsync(agent)).Summary.State);

        var answer = await agent.ReportAsync(Nothing() with { Order = order, State = MachineState.InSync, Tree = added.Tree, Counts = new(2, 1, 7, 0, 0, 0) });
        Assert.Empty(answer.Lacked);
        Assert.Equal((MachineState.InSync, "It is exactly like web/1."), ((await ShowAsync(agent)).Summary.State, (await ShowAsync(agent)).Summary.Why));
    }

    [Fact]
    public async Task Of_a_drifted_tree_only_what_is_lacked_is_asked_for_and_the_differences_are_shown()
    {
        var image = SmallImage.With("welcome");
        await AddImageAsync("web/1", image);
        using var agent = await PaperAgent.JoinAsync(Server, Admin);
        await PostAsync<MachineSummary>("machines/require-image", new RequireImage(agent.Name, "web/1"));
        var order = (await ShowAsync(agent)).Wanted.Order;
        var drifted = SmallImage.With("defaced");

        var answer = await agent.ReportAsync(Nothing() with { Order = order, State = MachineState.Drifted, Tree = Digest.Of(drifted.Tree), Counts = new(2, 1, 7, 0, 0, 2) });
        Assert.Equal([$"tree:{Digest.Of(drifted.Tree)}"], answer.Lacked);
        answer = await TreesAsync(agent, ObjectBatch.Of((ObjectKind.Tree, drifted.Tree)));
        Assert.Equal([$"directory:{Digest.Of(drifted.Directory)}"], answer.Lacked);
        answer = await TreesAsync(agent, ObjectBatch.Of((ObjectKind.Directory, drifted.Directory)));
        Assert.Empty(answer.Lacked);

        var difference = Assert.Single((await GetAsync<Listing<Protocol.Images.ImageDifference>>("machines/differences?machine=web-1")).Items);
        Assert.Equal("/motd", difference.Shown);
        var details = await ShowUntilAsync(agent, machine => machine.Conditions.Count > 0);
        Assert.Equal("server.counts-differ", details.Conditions[0].Code);
        Assert.Equal("web-1", Assert.Single((await GetAsync<Listing<ObjectCondition>>("conditions/list")).Items).Object.Name);

        // What was only seen on a machine gives nobody the right to it.
        var check = await PostAsync<Protocol.Objects.LackedObjects>("objects/check", new Protocol.Objects.CheckObjects([$"directory:{Digest.Of(drifted.Directory)}"]));
        Assert.Single(check.Lacked);
        var got = await Admin.GetAsync($"/api/v1/objects/get?object=directory:{Digest.Of(drifted.Directory)}", Cancellation);
        Assert.Equal(HttpStatusCode.NotFound, got.StatusCode);
    }

    [Fact]
    public async Task What_was_not_asked_for_is_not_taken()
    {
        using var agent = await PaperAgent.JoinAsync(Server, Admin);
        var image = SmallImage.With("never asked");
        var content = ObjectBatch.Of((ObjectKind.Tree, image.Tree));
        Assert.Equal("trees.unasked", await PaperAgent.RefusedAsync(await agent.Client.PostAsync("/agent/v1/trees", content, Cancellation)));
        await agent.ReportAsync(Nothing() with { Tree = Digest.Of("another"u8) });
        content = ObjectBatch.Of((ObjectKind.Tree, image.Tree));
        Assert.Equal("trees.unasked", await PaperAgent.RefusedAsync(await agent.Client.PostAsync("/agent/v1/trees", content, Cancellation)));
        content = ObjectBatch.Of((ObjectKind.File, image.File));
        Assert.Equal("trees.kind", await PaperAgent.RefusedAsync(await agent.Client.PostAsync("/agent/v1/trees", content, Cancellation)));
    }

    [Fact]
    public async Task A_drift_counts_once_however_often_it_is_sent_and_says_who_did_it()
    {
        using var agent = await PaperAgent.JoinAsync(Server, Admin);
        var culprit = new Culprit(7, "vim", "/usr/bin/vim", "vim /etc/motd", "alice", "root", null, null, [], "audit");
        var drift = new DriftReport(DriftId.New(TimeProvider.System), TreePath.FromText("/etc/motd"), "changed", ["content"], "restored", 14_000, "event", culprit, TimeProvider.System.GetUtcNow());

        await agent.ReportAsync(Nothing() with { Drift = [drift] });
        await agent.ReportAsync(Nothing() with { Drift = [drift] });

        var shown = Assert.Single((await GetAsync<Listing<DriftDetails>>("machines/drift?machine=web-1")).Items);
        Assert.Equal("Restored /etc/motd 14 ms after vim (alice) changed it.", shown.Sentence);
        Assert.Equal("vim /etc/motd", shown.Culprit!.CommandLine);
    }

    [Fact]
    public async Task Conditions_come_and_go_with_the_agents_word()
    {
        using var agent = await PaperAgent.JoinAsync(Server, Admin);
        var condition = new ConditionDetails("disk.full", "error", "Disk\u001b[31m full", new string('x', 5000), "Make room.", TimeProvider.System.GetUtcNow());
        await agent.ReportAsync(Nothing() with { Conditions = [condition] });

        var shown = Assert.Single((await ShowAsync(agent)).Conditions);
        Assert.Equal(("Disk [31m full", 2000), (shown.Title, shown.Text.Length));
        Assert.Equal("error", (await ShowAsync(agent)).Summary.WorstSeverity);

        await agent.ReportAsync(Nothing() with { Conditions = [] });
        Assert.Empty((await ShowAsync(agent)).Conditions);
    }

    [Fact]
    public async Task Reports_that_are_wrong_or_too_many_are_refused_and_change_nothing()
    {
        using var agent = await PaperAgent.JoinAsync(Server, Admin);
        Assert.Equal("arguments.invalid", await PaperAgent.RefusedAsync(await agent.PostAsync("report", Nothing() with { Counts = new(-1, 0, 0, 0, 0, 0) })));
        Assert.Equal("body.not-json", await PaperAgent.RefusedAsync(await agent.Client.PostAsync("/agent/v1/report", new StringContent("{\"order\":", null, "application/json"), Cancellation)));
        Assert.Equal(MachineState.Unknown, (await ShowAsync(agent)).Summary.State);
        HttpResponseMessage answer;
        do
        {
            answer = await agent.PostAsync("report", Nothing());
        }
        while (answer.IsSuccessStatusCode);
        Assert.Equal("report.too-often", await PaperAgent.RefusedAsync(answer));
        Assert.NotNull(answer.Headers.RetryAfter);
    }

    [Fact]
    public async Task A_plan_whose_machine_moved_is_stale()
    {
        await AddImageAsync("web/1", SmallImage.With("welcome"));
        using var agent = await PaperAgent.JoinAsync(Server, Admin);
        var plan = await PlanAsync("machines/require-image", new RequireImage(agent.Name, "web/1"));
        Assert.Equal("Require image web/1 on machine web-1", plan.Sentence);
        Assert.Contains(plan.Warnings, warning => warning.Contains("not connected", StringComparison.Ordinal));
        await PostAsync<MachineSummary>("machines/edit", new EditMachine(agent.Name, Mode: MachineMode.Monitor));

        Assert.Equal("plan.stale", await PaperAgent.RefusedAsync(await ApplyAsync(plan)));
        Assert.Null((await ShowAsync(agent)).Wanted.Image);
    }

    [Fact]
    public async Task Machines_are_found_by_state_link_label_image_and_name_and_sorted()
    {
        await AddImageAsync("web/1", SmallImage.With("welcome"));
        using var one = await PaperAgent.JoinAsync(Server, Admin, "alpha");
        using var two = await PaperAgent.JoinAsync(Server, Admin, "beta");
        using var three = await PaperAgent.JoinAsync(Server, Admin, "gamma");
        await PostAsync<MachineSummary>("machines/require-image", new RequireImage("beta", "web/1"));
        await PostAsync<MachineSummary>("machines/edit", new EditMachine("gamma", Labels: new Dictionary<string, string> { ["role"] = "web", ["env"] = "prod" }));

        Assert.Equal(["beta"], await NamesAsync("state=planned,updating"));
        Assert.Equal(["beta"], await NamesAsync("image=web/1"));
        Assert.Equal(["gamma"], await NamesAsync("labels=role%3Dweb,env%3Dprod"));
        Assert.Empty(await NamesAsync("labels=role%3Ddb"));
        Assert.Empty(await NamesAsync("link=connected"));
        Assert.Equal(["alpha"], await NamesAsync("search=ALP"));
        Assert.Equal(["gamma", "beta", "alpha"], await NamesAsync("sort=-name"));
        var page = await GetAsync<Listing<MachineSummary>>("machines/list?sort=-joinedAt&limit=2");
        Assert.Equal(3, page.Total);
        Assert.Equal(["gamma", "beta"], page.Items.Select(item => item.Name));
        Assert.Equal(["alpha"], await NamesAsync("sort=-joinedAt&limit=2&cursor=" + page.Next));
        Assert.Equal(HttpStatusCode.BadRequest, (await Admin.GetAsync("/api/v1/machines/list?state=nonsense&sort=secret", Cancellation)).StatusCode);
    }

    private static Report Nothing() => new(0, null, null, null, null, null, null, null, null);

    private async Task<string[]> NamesAsync(string query) => [.. (await GetAsync<Listing<MachineSummary>>("machines/list?" + query)).Items.Select(item => item.Name)];

    private static async Task<ReportAnswer> TreesAsync(PaperAgent agent, HttpContent content) =>
        await PaperAgent.ReadAsync<ReportAnswer>(await agent.Client.PostAsync("/agent/v1/trees", content, Cancellation));
}
