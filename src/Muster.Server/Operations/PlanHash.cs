using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Muster.Core.Objects;
using Muster.Core.Plans;
using Muster.Server.Edge;
using Muster.Server.Secrets;

namespace Muster.Server.Operations;

/// <summary>
/// The name of a plan: SHA-256 over the canonical JSON of organisation, operation, arguments, changes, promised effects and basis.
/// Forecasts are outside. The plan of something repeatable holds a nonce, too. A secret argument stands in it as a keyed digest.
/// </summary>
internal static class PlanHash
{
    public static Digest Of(OrganisationId organisation, ChangeOperation operation, object arguments, PlanDraft draft, string? nonce, Sealer sealer)
    {
        var document = new JsonObject
        {
            ["organisation"] = organisation.ToString(),
            ["operation"] = operation.Name,
            ["arguments"] = Masked(organisation, operation, arguments, sealer),
            ["changes"] = JsonSerializer.SerializeToNode(draft.Changes, WireJson.Hashed),
            ["effects"] = JsonSerializer.SerializeToNode(draft.Effects.Where(effect => !effect.Forecast), WireJson.Hashed),
            ["basis"] = JsonSerializer.SerializeToNode(draft.Basis, WireJson.Hashed),
        };
        if (nonce is not null)
        {
            document["nonce"] = nonce;
        }

        return Digest.Of(CanonicalJson.Write(JsonSerializer.SerializeToElement(document)));
    }

    /// <summary>The arguments as they may be kept and compared: secrets replaced.</summary>
    public static JsonObject Masked(OrganisationId organisation, ChangeOperation operation, object arguments, Sealer sealer)
    {
        var members = JsonSerializer.SerializeToNode(arguments, operation.Arguments, WireJson.Hashed)!.AsObject();
        foreach (var secret in ArgumentReader.SecretMembers(operation.Arguments))
        {
            if (members[secret] is { } value)
            {
                members[secret] = sealer.Digest(new SecretName(organisation, operation.Name, secret), Encoding.UTF8.GetBytes(value.ToJsonString()));
            }
        }

        return members;
    }
}
