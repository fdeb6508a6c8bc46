using System.Data;
using System.Globalization;
using Dapper;
using Muster.Core.Problems;
using Muster.Protocol.Machines;

namespace Muster.Server.Machines;

/// <summary>Which machines a list shows: facets of <see cref="Protocol.Machines.ListMachines"/> as SQL with parameters.</summary>
internal sealed class MachineFilter
{
    private readonly string[] states;
    private readonly string[] links;
    private readonly KeyValuePair<string, string?>[] labels;
    private readonly string? image;

    public MachineFilter(Protocol.Machines.ListMachines arguments)
    {
        var faults = new Faults();
        states = Choose<MachineState>(arguments.State, "state", faults);
        links = Choose<MachineLink>(arguments.Link, "link", faults);
        labels = [.. Split(arguments.Labels).Select(pair => pair.Split('=', 2)).Select(pair => KeyValuePair.Create(pair[0].Trim(), pair.Length > 1 ? pair[1].Trim() : null))];
        faults.Require(labels.Length <= 16, "labels", "at most 16 labels");
        faults.ThrowIfAny();
        image = arguments.Image is { Length: > 0 } ? arguments.Image : null;
    }

    public string Where(DynamicParameters parameters)
    {
        var where = "WHERE m.organisation = @organisation AND (@search IS NULL OR strpos(lower(m.name), lower(@search)) > 0)";
        where += In("m.state", "states", states, parameters) + In("m.link", "links", links, parameters);
        if (image is not null)
        {
            parameters.Add("image", image);
            where += " AND i.name = @image";
        }

        for (var index = 0; index < labels.Length; index++)
        {
            var number = index.ToString(CultureInfo.InvariantCulture);
            parameters.Add("label" + number, labels[index].Key);
            parameters.Add("value" + number, labels[index].Value, DbType.String);
            where += $" AND EXISTS (SELECT 1 FROM machine_labels l WHERE l.organisation = m.organisation AND l.machine = m.id AND l.label = @label{number} AND (@value{number} IS NULL OR l.value = @value{number}))";
        }

        return where;
    }

    private static string In(string column, string name, string[] values, DynamicParameters parameters)
    {
        if (values.Length == 0)
        {
            return "";
        }

        parameters.Add(name, values);
        return $" AND {column} IN @{name}";
    }

    private static string[] Choose<T>(string? text, string argument, Faults faults)
        where T : struct, Enum
    {
        var known = Words.All<T>().ToArray();
        var chosen = Split(text);
        foreach (var one in chosen)
        {
            faults.Require(known.Contains(one), argument, $"'{one}' is not one of {string.Join(", ", known)}");
        }

        return chosen;
    }

    private static string[] Split(string? text) => (text ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
}
