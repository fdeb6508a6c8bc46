using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Muster.Agent.Session;
using Muster.Core.Problems;
using Muster.Protocol;
using Muster.Protocol.Agent;
using Muster.Protocol.Machines;

namespace Muster.Agent.Identity;

/// <summary>Exchanges an invitation for an identity (docs/formats/session.md, Joining).</summary>
internal static class JoinCommand
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <summary>Reads what belongs to joining out of the arguments; the rest are the agent's own flags.</summary>
    public static (string Server, IReadOnlyList<string> Pins, IReadOnlyList<string> Others) Read(IReadOnlyList<string> arguments)
    {
        string? server = null;
        var pins = new List<string>();
        var rest = new List<string>();
        var faults = new Faults();
        for (var index = 0; index < arguments.Count; index++)
        {
            var value = index + 1 < arguments.Count ? arguments[index + 1] : "";
            switch (arguments[index])
            {
                case "--server":
                    faults.Require(Uri.TryCreate(value, UriKind.Absolute, out var uri) && uri.Scheme == "https", "--server", $"'{value}' is not an address such as https://server:8443");
                    (server, index) = (value, index + 1);
                    break;
                case "--pin":
                    faults.Require(Pin.IsValid(value), "--pin", $"'{value}' is not a pin: sha256//, then 44 characters of base64");
                    pins.Add(value);
                    index++;
                    break;
                default:
                    rest.Add(arguments[index]);
                    break;
            }
        }

        faults.Require(server is not null, "--server", "is missing: the address of the server");
        faults.Require(pins.Count > 0, "--pin", "is missing: the fingerprint of the server's key, from the join line");
        faults.ThrowIfAny();
        return (server!, pins, rest);
    }

    /// <summary>Joins over a connection that checks the pins.</summary>
    /// <exception cref="ProblemException">The token is wrong, used or expired; the server is not there or is another one.</exception>
    public static async Task<MachineIdentity> JoinAsync(ServerConnection connection, string server, string token, IdentityStore store, AgentOptions options, CancellationToken cancellationToken)
    {
        if (store.FindIdentity() is { } known)
        {
            throw new ProblemException(ProblemKind.Conflict, "join.joined", $"this machine has joined {known.Server} as {known.Name} already; remove the folder identity in {options.State} to join anew");
        }

        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var answer = await AskAsync(connection, token, key, HostFacts.Of(options.Root, null, culprits: false, 0, options.CacheLimit << 20), cancellationToken);
        var identity = new MachineIdentity(server, answer.Installation, answer.Epoch, answer.Machine, answer.Name, answer.ServerTime);
        store.SaveJoined(identity, key, answer.Certificates, answer.Authority);
        return identity;
    }

    /// <summary>The exchange alone, for machines that keep nothing on disk.</summary>
    public static Task<JoinAnswer> AskAsync(ServerConnection connection, string token, ECDsa key, MachineFacts facts, CancellationToken cancellationToken) =>
        connection.PostAsync("agent/v1/join", new JoinRequest(token, RequestFor(key), facts), MusterJson.Default.JoinRequest, MusterJson.Default.JoinAnswer, Patience, cancellationToken);

    /// <summary>A certificate request. Names in it mean nothing: the server gives them.</summary>
    public static byte[] RequestFor(ECDsa key) => new CertificateRequest("CN=machine", key, HashAlgorithmName.SHA256).CreateSigningRequest();
}
