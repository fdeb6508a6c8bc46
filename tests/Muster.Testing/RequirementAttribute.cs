using Xunit.v3;

namespace Muster.Testing;

/// <summary>Names a requirement that a test proves; <c>docs/reference/requirements.md</c> is written from these and the last results.</summary>
[AttributeUsage(AttributeTargets.Method | AttributeTargets.Class, AllowMultiple = true)]
public sealed class RequirementAttribute(string id) : Attribute, ITraitAttribute
{
    public string Id => id;

    public IReadOnlyCollection<KeyValuePair<string, string>> GetTraits() => [new("Requirement", id)];
}
