using Microsoft.Playwright;

namespace Muster.BrowserTests;

/// <summary>What a server in trouble answers.</summary>
internal static class Refusals
{
    public static RouteFulfillOptions Database => new()
    {
        Status = 503,
        ContentType = "application/problem+json",
        Body = """{"type":"about:blank","title":"Unavailable","status":503,"code":"database.unavailable","detail":"the database does not answer; asking again helps"}""",
    };

    public static RouteFulfillOptions Denied => new()
    {
        Status = 403,
        ContentType = "application/problem+json",
        Body = """{"type":"about:blank","title":"Denied","status":403,"code":"operation.denied","detail":"you may not use Machines.Delete; admin can give it"}""",
    };
}
