using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;
using Microsoft.Win32.SafeHandles;
using Muster.Core.Problems;
using Muster.Files;

namespace Muster.Agent.Identity;

/// <summary>
/// The folder <c>identity/</c> in the state folder: <c>identity.json</c>, <c>authority.pem</c>, and <c>machine.pem</c>, which holds key and
/// certificates together, because two files cannot be replaced in one step.
/// </summary>
internal sealed class IdentityStore : IDisposable
{
    private const int Limit = 1 << 20;

    private readonly SafeFileHandle folder;

    public IdentityStore(SafeFileHandle state) => folder = StateFolder.OpenFolder(state, "identity"u8);

    public void Dispose() => folder.Dispose();

    /// <summary>Null before the machine has joined.</summary>
    public MachineIdentity? FindIdentity()
    {
        try
        {
            return AtomicFile.Read(folder, "identity.json"u8, Limit) is { } bytes ? JsonSerializer.Deserialize(bytes, AgentJson.Default.MachineIdentity) : null;
        }
        catch (JsonException e)
        {
            throw new ProblemException(ProblemKind.Invalid, "identity.damaged", $"identity/identity.json is damaged ({e.Message}); remove the folder identity and join again", e);
        }
    }

    public MachineCertificate LoadCertificate()
    {
        var machine = Read("machine.pem"u8);
        var authority = Read("authority.pem"u8);
        try
        {
            var all = new X509Certificate2Collection();
            all.ImportFromPem(machine);
            var leaf = all[0];
            all.RemoveAt(0);
            using var key = ECDsa.Create();
            key.ImportFromPem(machine);
            using (leaf)
            {
                return new MachineCertificate(leaf.CopyWithPrivateKey(key), all, X509Certificate2.CreateFromPem(authority));
            }
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException)
        {
            throw new ProblemException(ProblemKind.Invalid, "identity.damaged", $"identity/machine.pem is damaged ({e.Message}); remove the folder identity and join again", e);
        }
    }

    /// <summary>Last of all writes the identity itself, so that a join that was cut never looks like one that was not.</summary>
    public void SaveJoined(MachineIdentity identity, ECDsa key, IReadOnlyList<byte[]> certificates, byte[] authority)
    {
        using (var root = X509CertificateLoader.LoadCertificate(authority))
        {
            AtomicFile.Write(folder, "authority.pem"u8, Encoding.ASCII.GetBytes(root.ExportCertificatePem() + "\n"));
        }

        SaveCertificate(key, certificates);
        Save(identity);
    }

    public void Save(MachineIdentity identity) =>
        AtomicFile.Write(folder, "identity.json"u8, JsonSerializer.SerializeToUtf8Bytes(identity, AgentJson.Default.MachineIdentity));

    public void SaveCertificate(ECDsa key, IReadOnlyList<byte[]> certificates)
    {
        var pem = new StringBuilder(key.ExportPkcs8PrivateKeyPem()).Append('\n');
        foreach (var one in certificates)
        {
            using var certificate = X509CertificateLoader.LoadCertificate(one);
            pem.Append(certificate.ExportCertificatePem()).Append('\n');
        }

        AtomicFile.Write(folder, "machine.pem"u8, Encoding.ASCII.GetBytes(pem.ToString()));
    }

    private string Read(ReadOnlySpan<byte> name) =>
        AtomicFile.Read(folder, name, Limit) is { } bytes
            ? Encoding.ASCII.GetString(bytes)
            : throw new ProblemException(ProblemKind.NotFound, "identity.missing", $"identity/{Encoding.ASCII.GetString(name)} is missing; remove the folder identity and join again");
}
