using Muster.Server.Identity;
using Muster.Server.Operations;

namespace Muster.Server.Events;

/// <summary>Who reads which events: <c>machine.changed</c> is read by whoever may list machines.</summary>
internal static class EventReaders
{
    private const string List = "s.List";

    public static bool MayRead(Caller caller, string kind)
    {
        var noun = kind[..kind.IndexOf('.', StringComparison.Ordinal)];
        return caller.May($"{char.ToUpperInvariant(noun[0])}{noun[1..]}{List}", sensitive: false);
    }

    /// <summary>The nouns whose events <paramref name="caller"/> reads.</summary>
    public static IReadOnlyList<string> Nouns(Caller caller, OperationRegistry registry) =>
    [
        .. registry.All
            .Where(operation => operation.Name.EndsWith(List, StringComparison.Ordinal) && caller.May(operation.Name, operation.Sensitive))
            .Select(operation => operation.Name[..^List.Length])
            .Select(noun => char.ToLowerInvariant(noun[0]) + noun[1..]),
    ];
}
