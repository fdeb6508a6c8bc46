using System.Globalization;
using Dapper;
using Muster.Core.Problems;
using Muster.Protocol.Machines;
using Muster.Server.Operations;

namespace Muster.Server.Machines;

/// <summary>Which machines a list shows: facets of <see cref="Protocol.Machines.ListMachines"/> as SQL with parameters.</summary>
internal sealed class MachineFilter
{
    /// <summary>The state as it is shown: what a machine was before it fell silent is old news.</summary>
    public const string ShownState = "(CASE WHEN m.link = 'unreachable' THEN 'unreachable' ELSE m.state END)";

    private readonly string[] states;
    private readonly string[] links;
    private readonly string[] images;
    private readonly ILookup<string, string?> labels;

    public MachineFilter(Protocol.Machines.ListMachines arguments)
    {
        var faults = new Faults();
        states = Choose([.. Words.All<MachineState>(), Words.Of(MachineLink.Unreachable)], arguments.State, "state", faults);
        links = Choose([.. Words.All<MachineLink>()], arguments.Link, "link", faults);
        images = ListFacets.Split(arguments.Image);
        var typed = ListFacets.Split(arguments.Labels);
        labels = typed.Select(pair => pair.Split('=', 2)).ToLookup(pair => pair[0].Trim(), pair => pair.Length > 1 ? pair[1].Trim() : null);
        faults.Require(typed.Length <= 16, "labels", "at most 16 labels");
        faults.ThrowIfAny();
    }

    public ListFacets Facets(string from, DynamicParameters parameters) =>
        new ListFacets(from, "WHERE m.organisation = @organisation AND (@search IS NULL OR strpos(lower(m.name), lower(@search)) > 0)", parameters)
            .Add("state", ShownState, states)
            .Add("link", "m.link", links)
            .Add("image", from, "coalesce(i.name, '')", Images(parameters))
            .Add("labels", from + " JOIN machine_labels c ON c.organisation = m.organisation AND c.machine = m.id", "(c.label || '=' || c.value)", Labels(parameters));

    // An image is typed by its name or its id.
    private string Images(DynamicParameters parameters)
    {
        if (images.Length == 0)
        {
            return "";
        }

        var conditions = new List<string>();
        for (var index = 0; index < images.Length; index++)
        {
            var name = string.Create(CultureInfo.InvariantCulture, $"image{index}");
            var isId = ImageId.TryParse(images[index], out var id);
            parameters.Add(name, isId ? id : images[index]);
            conditions.Add($"{(isId ? "i.id" : "i.name")} = @{name}");
        }

        return $" AND ({string.Join(" OR ", conditions)})";
    }

    // Different labels narrow the list, several values of one label widen it.
    private string Labels(DynamicParameters parameters)
    {
        var conditions = "";
        var number = 0;
        foreach (var label in labels)
        {
            var (key, values) = (string.Create(CultureInfo.InvariantCulture, $"label{number}"), string.Create(CultureInfo.InvariantCulture, $"values{number}"));
            parameters.Add(key, label.Key);
            var anyValue = label.Contains(null);
            if (!anyValue)
            {
                parameters.Add(values, label.ToArray());
            }

            conditions += $" AND EXISTS (SELECT 1 FROM machine_labels l WHERE l.organisation = m.organisation AND l.machine = m.id AND l.label = @{key}{(anyValue ? "" : $" AND l.value IN @{values}")})";
            number++;
        }

        return conditions;
    }

    private static string[] Choose(string[] known, string? text, string argument, Faults faults)
    {
        var chosen = ListFacets.Split(text);
        foreach (var one in chosen)
        {
            faults.Require(known.Contains(one), argument, $"'{one}' is not one of {string.Join(", ", known)}");
        }

        return chosen;
    }
}
