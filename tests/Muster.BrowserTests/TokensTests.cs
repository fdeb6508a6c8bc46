using System.Text.RegularExpressions;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Muster.BrowserTests;

public sealed partial class TokensTests(Chromium chromium)
{
    [Fact]
    public async Task A_token_is_shown_once_and_deleted_through_its_plan()
    {
        await using var server = await Site.StartAsync();
        await using var window = await Window.SignedInAsync(chromium, server, "/tokens");
        await window.Button("Make a token").ClickAsync();
        await window.Dialog.GetByLabel("Name").FillAsync("image pipeline");
        await window.Dialog.GetByLabel("May do").FillAsync("Images.* Objects.*");
        await window.Button("Make the token").ClickAsync();
        await Expect(window.Page.GetByLabel("Token", new() { Exact = true })).ToHaveValueAsync(Secret());
        await window.Dialog.GetByText("Close", new() { Exact = true }).ClickAsync();

        await Expect(window.Page.GetByRole(AriaRole.Row).Filter(new() { HasText = "image pipeline" })).ToBeVisibleAsync();
        await window.ChooseAsync("Actions for image pipeline", "Delete");
        await Expect(window.Dialog.GetByText("deleted", new() { Exact = true })).ToBeVisibleAsync();
        await window.Button("Delete").ClickAsync();
        await Expect(window.Dialog.GetByText("Applied")).ToBeVisibleAsync();
        await window.Dialog.GetByText("Close", new() { Exact = true }).ClickAsync();
        await Expect(window.Page.GetByText("No tokens")).ToBeVisibleAsync();
        Assert.Empty(window.Errors);
    }

    [Fact]
    public async Task A_wrong_pattern_is_explained_beside_its_field()
    {
        await using var server = await Site.StartAsync();
        await using var window = await Window.SignedInAsync(chromium, server, "/tokens");
        await window.Button("Make a token").ClickAsync();
        await window.Dialog.GetByLabel("Name").FillAsync("x");
        await window.Dialog.GetByLabel("May do").FillAsync("everything");
        await Expect(window.Dialog.GetByText("'everything' is not a pattern").First).ToBeVisibleAsync();
    }

    [GeneratedRegex("^mst_")]
    private static partial Regex Secret();
}
