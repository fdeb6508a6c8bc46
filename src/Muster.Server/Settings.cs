using System.ComponentModel;
using Microsoft.Extensions.Options;
using Muster.Core.Problems;

namespace Muster.Server;

/// <summary>
/// Settings of the features: each has an options class, bound to the section of its name in <c>server.json</c> in the data directory
/// and to the environment (<c>MUSTER_Identity__FreeAttempts</c>). All that is wrong with them is found before anything starts.
/// </summary>
internal static class Settings
{
    private const string File = "server.json";

    public static void AddSettings<TOptions, TValidator>(this WebApplicationBuilder builder, string section)
        where TOptions : class
        where TValidator : class, IValidateOptions<TOptions>
    {
        builder.Services.AddOptionsWithValidateOnStart<TOptions, TValidator>().BindConfiguration(section);
        builder.Services.AddSingleton(new Section(section, typeof(TOptions), services => _ = services.GetRequiredService<IOptions<TOptions>>().Value));
    }

    public static void AddFile(ConfigurationManager configuration, ServerOptions options)
    {
        var path = Path.Combine(options.DataDirectory, File);
        try
        {
            configuration.AddJsonFile(path, optional: true);
        }
        catch (InvalidDataException e)
        {
            throw new ProblemException("configuration.invalid", [new Fault(path, $"is not JSON: {e.GetBaseException().Message}")]);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ProblemException("configuration.invalid", [new Fault(path, $"cannot be read: {e.Message}")]);
        }
    }

    /// <summary>Throws every fault of every section together.</summary>
    public static void Check(IServiceProvider services, ServerOptions options)
    {
        var sections = services.GetServices<Section>().ToList();
        var configuration = services.GetRequiredService<IConfiguration>();
        var faults = UnknownSections(sections, options).Concat(sections.SelectMany(section => FaultsOf(section, services, configuration))).ToList();
        if (faults.Count > 0)
        {
            throw new ProblemException("configuration.invalid", faults);
        }
    }

    // The environment holds words of other programs, too; the file is ours alone.
    private static IEnumerable<Fault> UnknownSections(List<Section> sections, ServerOptions options)
    {
        var known = sections.Select(section => section.Name).Append("Logging").ToHashSet(StringComparer.OrdinalIgnoreCase);
        var path = Path.Combine(options.DataDirectory, File);
        return new ConfigurationBuilder().AddJsonFile(path, optional: true).Build().GetChildren()
            .Where(child => !known.Contains(child.Key))
            .Select(child => new Fault(child.Key, $"is no section of {path}; there are {string.Join(", ", known.Order(StringComparer.Ordinal))}"));
    }

    private static List<Fault> FaultsOf(Section section, IServiceProvider services, IConfiguration configuration)
    {
        var faults = configuration.GetSection(section.Name).GetChildren().SelectMany(setting => FaultsOf(section, setting)).ToList();
        if (faults.Count > 0)
        {
            return faults;
        }

        try
        {
            section.Read(services);
            return [];
        }
        catch (OptionsValidationException e)
        {
            return [.. e.Failures.Select(failure => new Fault(section.Name, failure))];
        }
    }

    private static IEnumerable<Fault> FaultsOf(Section section, IConfigurationSection setting)
    {
        var property = section.Options.GetProperties().FirstOrDefault(one => string.Equals(one.Name, setting.Key, StringComparison.OrdinalIgnoreCase));
        if (property is null)
        {
            yield return new Fault(setting.Path, $"is no setting; there are {string.Join(", ", section.Options.GetProperties().Select(one => one.Name))}");
        }
        else if (setting.Value is null || !IsA(property.PropertyType, setting.Value))
        {
            yield return new Fault(setting.Path, $"{(setting.Value is null ? "this" : $"'{setting.Value}'")} is not {Form(property.PropertyType)}");
        }
    }

    // As the binder will read it, which stops at the first that it cannot read.
    private static bool IsA(Type type, string text)
    {
        try
        {
            TypeDescriptor.GetConverter(type).ConvertFromInvariantString(text);
            return true;
        }
        catch (Exception e) when (e is FormatException or ArgumentException or OverflowException or NotSupportedException)
        {
            return false;
        }
    }

    private static string Form(Type type) => type switch
    {
        _ when type == typeof(TimeSpan) => "a duration such as 00:30:00 or 7.00:00:00",
        _ when type == typeof(bool) => "true or false",
        _ when type == typeof(string) => "a text",
        _ => "a number",
    };

    private sealed record Section(string Name, Type Options, Action<IServiceProvider> Read);
}
