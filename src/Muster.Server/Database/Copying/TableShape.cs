namespace Muster.Server.Database.Copying;

/// <summary>A table as an engine describes it, in the order of its columns.</summary>
internal sealed record TableShape(string Name, IReadOnlyList<ColumnShape> Columns)
{
    /// <summary>Every row, in the order of the primary key, which both engines sort alike.</summary>
    public string Select => $"SELECT {List(Columns)} FROM {Quoted(Name)} ORDER BY {List(Columns.Where(column => column.Key > 0).OrderBy(column => column.Key))}";

    /// <summary>What stands between INTO and the values.</summary>
    public string Into => $"{Quoted(Name)} ({List(Columns)})";

    // Names come from our own migrations; whatever else lies in a database is refused before this.
    private static string Quoted(string name) => $"\"{name}\"";

    private static string List(IEnumerable<ColumnShape> columns) => string.Join(", ", columns.Select(column => Quoted(column.Name)));
}

/// <param name="Name">As the migrations spell it.</param>
/// <param name="Type">As the engine calls it.</param>
/// <param name="Key">Its place in the primary key, from 1; 0 outside it.</param>
internal sealed record ColumnShape(string Name, string Type, long Key);
