using Microsoft.Playwright;
using Muster.Testing;

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

    public static async Task<Window> OpenAsync(Chromium chromium, MusterServer server, bool dark = false, bool phone = false)
    {
        var context = await chromium.OpenAsync(new()
        {
            BaseURL = server.BaseAddress.ToString(),
            ColorScheme = dark ? ColorScheme.Dark : ColorScheme.Light,
            ViewportSize = phone ? new() { Width = 360, Height = 740 } : new() { Width = 1280, Height = 800 },
        });
        return new Window(context, await context.NewPageAsync());
    }

    /// <summary>A window in which the administrator has signed in.</summary>
    public static async Task<Window> SignedInAsync(Chromium chromium, MusterServer server, string address = "/", bool dark = false, bool phone = false)
    {
        (await server.SignInAsync()).Dispose();
        var window = await OpenAsync(chromium, server, dark, phone);
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

    /// <summary>A picture for the README, taken anew where golden files are.</summary>
    public async Task SavePictureAsync(string name)
    {
        if (Environment.GetEnvironmentVariable("MUSTER_GOLDEN") == "overwrite")
        {
            await Page.ScreenshotAsync(new() { Path = Repository.Under("docs", "images", name + ".png") });
        }
    }

    public async ValueTask DisposeAsync() => await context.CloseAsync();
}
