using Microsoft.Playwright;
using Muster.Testing;
using static Microsoft.Playwright.Assertions;

namespace Muster.BrowserTests;

/// <summary>A person's browser window on a real server, and what went wrong in it.</summary>
internal sealed class Window : IAsyncDisposable
{
    private readonly IBrowserContext context;
    private readonly List<string> errors = [];

    private Window(IBrowserContext context, IPage page)
    {
        this.context = context;
        Page = page;
        page.PageError += (_, error) => errors.Add(error);
        page.Console += (_, message) =>
        {
            // A refused request is an answer that pages show; what the policy or the code refuses is not.
            if (message.Type == "error" && !message.Text.StartsWith("Failed to load resource", StringComparison.Ordinal))
            {
                errors.Add(message.Text);
            }
        };
    }

    public IPage Page { get; }

    /// <summary>What the page itself complained about, such as something that the content security policy forbids.</summary>
    public IReadOnlyList<string> Errors => errors;

    public ILocator Dialog => Page.GetByRole(AriaRole.Dialog);

    public static async Task<Window> OpenAsync(Chromium chromium, MusterServer server, bool dark = false, bool phone = false, int height = 0)
    {
        var context = await chromium.OpenAsync(new()
        {
            BaseURL = server.BaseAddress.ToString(),
            ColorScheme = dark ? ColorScheme.Dark : ColorScheme.Light,
            ViewportSize = phone ? new() { Width = 360, Height = 740 } : new() { Width = 1280, Height = height > 0 ? height : 800 },
            Permissions = ["clipboard-read", "clipboard-write"],
        });
        return new Window(context, await context.NewPageAsync());
    }

    /// <summary>A window in which the administrator has signed in.</summary>
    public static async Task<Window> SignedInAsync(Chromium chromium, MusterServer server, string address = "/", bool dark = false, bool phone = false, int height = 0)
    {
        (await server.SignInAsync()).Dispose();
        var window = await OpenAsync(chromium, server, dark, phone, height);
        await window.Page.GotoAsync(address);
        await window.SignInAsync(MusterServer.AdminPassword);
        return window;
    }

    public async Task SignInAsync(string password)
    {
        await Page.GetByLabel("User name").FillAsync("admin");
        await Page.GetByLabel("Password").FillAsync(password);
        await Button("Sign in").ClickAsync();
    }

    public ILocator Heading(string name) => Page.GetByRole(AriaRole.Heading, new() { Name = name, Level = 1, Exact = true });

    public ILocator Button(string name) => Page.GetByRole(AriaRole.Button, new() { Name = name, Exact = true });

    public ILocator Link(string name) => Page.GetByRole(AriaRole.Link, new() { Name = name, Exact = true });

    public async Task ChooseAsync(string menu, string item)
    {
        await Button(menu).ClickAsync();
        await Page.GetByRole(AriaRole.Menuitem, new() { Name = item, Exact = true }).ClickAsync();
    }

    public ILocator Main => Page.GetByRole(AriaRole.Main);

    public ILocator Row(string text) => Page.GetByRole(AriaRole.Row).Filter(new() { HasText = text });

    /// <summary>Nothing is being loaded, planned or faded any more.</summary>
    public Task SettledAsync() => Expect(Page.Locator("[aria-busy=true]")).ToHaveCountAsync(0);

    /// <summary>A picture for the documents, taken anew where golden files are.</summary>
    public async Task SavePictureAsync(string name)
    {
        if (Environment.GetEnvironmentVariable("MUSTER_GOLDEN") == "overwrite")
        {
            await SettledAsync();
            await Page.ScreenshotAsync(new() { Path = Repository.Under("docs", "images", name + ".png"), Animations = ScreenshotAnimations.Disabled, Caret = ScreenshotCaret.Hide });
        }
    }

    public async ValueTask DisposeAsync() => await context.CloseAsync();
}
