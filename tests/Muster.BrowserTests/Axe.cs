using System.Text.Json;
using Microsoft.Playwright;
using Muster.Testing;

namespace Muster.BrowserTests;

/// <summary>axe-core, as the web's own packages bring it, run inside a page.</summary>
internal static class Axe
{
    private static readonly Lazy<string> Script = new(() =>
    {
        var file = Repository.Under("web", "node_modules", "axe-core", "axe.min.js");
        return File.Exists(file) ? File.ReadAllText(file) : throw Peer.Missing("web/node_modules (npm ci in web)");
    });

    /// <summary>Serious and critical findings, each with an element that has it.</summary>
    public static async Task<IReadOnlyList<string>> FindSeriousAsync(IPage page)
    {
        // Evaluated, not added as an element, so that the content security policy stays as it is.
        await page.EvaluateAsync(Script.Value);

        // What is still fading in has colours that nobody is meant to read.
        await page.WaitForFunctionAsync("""
            () => document.getAnimations().every(one => one.playState === 'finished' || one.effect.getComputedTiming().iterations === Infinity)
                && [...document.querySelectorAll('[style*="opacity"]')].every(one => getComputedStyle(one).opacity === '1')
            """);
        var found = await page.EvaluateAsync<JsonElement>("async () => (await axe.run(document, { resultTypes: ['violations'] })).violations.map(v => ({ id: v.id, impact: v.impact, at: v.nodes[0].html }))");
        return
        [
            .. found.EnumerateArray()
                .Where(one => one.GetProperty("impact").GetString() is "serious" or "critical")
                .Select(one => $"{one.GetProperty("id")} at {one.GetProperty("at")}"),
        ];
    }
}
