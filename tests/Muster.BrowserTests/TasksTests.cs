using Microsoft.Playwright;
using Muster.Testing;
using static Microsoft.Playwright.Assertions;

namespace Muster.BrowserTests;

/// <summary>Long work: what it does, how far it is, what it said, and what can be done about it.</summary>
public sealed class TasksTests(Chromium chromium) : IAsyncLifetime
{
    private const int Lines = 3000;
    private const string Title = "Move volume db-1";
    private readonly PacedTasks paced = new(Lines);
    private MusterServer server = null!;

    public async ValueTask InitializeAsync() => server = await Site.StartAsync(tasks: paced);

    public ValueTask DisposeAsync() => server.DisposeAsync();

    [Fact]
    public async Task A_task_is_found_while_it_runs_and_shows_all_that_it_has_said()
    {
        await paced.BeginAsync(server, Title);
        await using var window = await Window.SignedInAsync(chromium, server, "/tasks");
        await Expect(window.Row(Title)).ToContainTextAsync("running");
        await Expect(window.Row(Title)).ToContainTextAsync("412 MB of 1.2 GB");
        Assert.Empty(await Axe.FindSeriousAsync(window.Page));

        await window.Button("Tasks: 1 not ended").ClickAsync();
        var inMenu = window.Page.GetByRole(AriaRole.Menuitem).Filter(new() { HasText = Title });
        await Expect(inMenu).ToContainTextAsync("412 MB of 1.2 GB");
        Assert.Empty(await Axe.FindSeriousAsync(window.Page));
        await inMenu.ClickAsync();

        await Expect(window.Heading(Title)).ToBeVisibleAsync();
        await Expect(window.Main.GetByRole(AriaRole.Progressbar)).ToHaveAttributeAsync("aria-valuetext", "412 MB of 1.2 GB");
        var log = window.Main.GetByRole(AriaRole.Log);
        await Expect(log.GetByText($"line {Lines} of {Lines}")).ToBeVisibleAsync();
        // Most of it is not in the document, and is there all the same.
        await Expect(log.GetByText("line 1700 of")).ToHaveCountAsync(0);
        var search = window.Main.GetByLabel("Search the log");
        await search.FillAsync("Line 1700 ");
        await Expect(log.GetByText("line 1700 of")).ToBeVisibleAsync();
        await Expect(window.Main.GetByText("1 / 1")).ToBeVisibleAsync();
        Assert.Empty(await Axe.FindSeriousAsync(window.Page));
        // Who reads the past is not taken to the end.
        await Expect(window.Main.GetByLabel("Follow")).Not.ToBeCheckedAsync();

        var download = await window.Page.RunAndWaitForDownloadAsync(() => window.Button("Download").ClickAsync());
        var text = await File.ReadAllLinesAsync((await download.PathAsync())!, TestContext.Current.CancellationToken);
        Assert.Equal(Lines, text.Length);
        Assert.EndsWith($"info    Speak: line 1 of {Lines}", text[0], StringComparison.Ordinal);
        Assert.Empty(window.Errors);
        paced.GoOn();
    }

    [Fact]
    public async Task A_task_that_failed_says_why_and_is_retried_from_its_page()
    {
        var id = await paced.BeginAsync(server, Title);
        await using var window = await Window.SignedInAsync(chromium, server, $"/tasks/{id}");
        await Expect(window.Main.GetByText("running").First).ToBeVisibleAsync();
        paced.Fail("/srv is full");
        await Expect(window.Main.GetByText("Copy disks: /srv is full.")).ToBeVisibleAsync();
        await Expect(window.Main.GetByText("Make room where the message says, then retry the task.")).ToBeVisibleAsync();
        await Expect(window.Main.GetByText("taken back")).ToBeVisibleAsync();
        Assert.Empty(await Axe.FindSeriousAsync(window.Page));

        await window.Button("Retry").ClickAsync();
        await Expect(window.Dialog.GetByText($"Try again: {Title}")).ToBeVisibleAsync();
        await window.Dialog.GetByRole(AriaRole.Button, new() { Name = "Retry", Exact = true }).ClickAsync();
        await Expect(window.Dialog.GetByText("Applied")).ToBeVisibleAsync();
        await window.Dialog.GetByText("Close", new() { Exact = true }).ClickAsync();
        await Expect(window.Main.GetByText("running").First).ToBeVisibleAsync();
        paced.GoOn();
        await Expect(window.Main.GetByText("Done just now, took")).ToBeVisibleAsync();
        await Expect(window.Button("Retry")).ToHaveCountAsync(0);
        Assert.Empty(window.Errors);
    }

    [Fact]
    public async Task A_task_is_cancelled_from_the_list_through_its_plan()
    {
        await paced.BeginAsync(server, Title);
        await using var window = await Window.SignedInAsync(chromium, server, "/tasks");
        await Expect(window.Row(Title)).ToContainTextAsync("Copy disks");
        await window.ChooseAsync($"Actions for {Title}", "Cancel");
        await Expect(window.Dialog.GetByText("Steps taken back")).ToBeVisibleAsync();
        await window.Button("Cancel the task").ClickAsync();
        await Expect(window.Dialog.GetByText("Applied")).ToBeVisibleAsync();
        await window.Dialog.GetByText("Close", new() { Exact = true }).ClickAsync();
        await Expect(window.Row(Title)).ToContainTextAsync("cancelled");
        await Expect(window.Row(Title)).ToContainTextAsync("Stopped by admin.");
        await Expect(window.Button("Tasks: none running")).ToBeVisibleAsync();

        // It is found by name like anything else.
        var search = window.Page.GetByLabel("Search machines, images, tasks and commands");
        await search.FillAsync("volume db");
        await search.PressAsync("Enter");
        await Expect(window.Heading(Title)).ToBeVisibleAsync();
        Assert.Empty(window.Errors);
    }
}
