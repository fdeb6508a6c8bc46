using System.Globalization;
using Muster.Core.Problems;

namespace Muster.Server.Images;

/// <summary>Cursor of lists that never change, such as a directory of an image: just how many were shown.</summary>
internal static class Offset
{
    public static int Parse(string? cursor) => cursor is null
        ? 0
        : int.TryParse(cursor, NumberStyles.None, CultureInfo.InvariantCulture, out var offset) ? offset : throw new ProblemException([new Fault("cursor", "is not one that this list gave as next")]);

    public static string? Next(int from, int limit, int total) => from + limit < total ? (from + limit).ToString(CultureInfo.InvariantCulture) : null;
}
