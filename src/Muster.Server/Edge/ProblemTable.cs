using Microsoft.AspNetCore.WebUtilities;
using Muster.Core.Problems;

namespace Muster.Server.Edge;

/// <summary>What a kind of problem means on the wire: the one table.</summary>
internal static class ProblemTable
{
    public const string WrongMethodCode = "route.method";

    public static int Status(ProblemKind kind, string code) => code switch
    {
        // HTTP has statuses of its own for these two ways of asking wrongly.
        WrongMethodCode => 405,
        AuthorityMiddleware.MisdirectedCode => 421,
        _ => Status(kind),
    };

    private static int Status(ProblemKind kind) => kind switch
    {
        ProblemKind.Invalid => 400,
        ProblemKind.Unauthenticated => 401,
        ProblemKind.Denied => 403,
        ProblemKind.NotFound => 404,
        ProblemKind.Conflict => 409,
        ProblemKind.TooLarge => 413,
        ProblemKind.Throttled => 429,
        ProblemKind.Unavailable => 503,
        ProblemKind.Full => 507,
        _ => 500,
    };

    public static string Title(int status) => ReasonPhrases.GetReasonPhrase(status);
}
