using Muster.Server.Database;

namespace Muster.Server.Secrets;

/// <summary>Secrets at rest. The server's own (CA keys, for example) belong to the organisation of all zeros.</summary>
internal sealed class SecretStore(Sealer sealer)
{
    public static OrganisationId Server => default;

    public async Task<byte[]?> FindAsync(ReadSql sql, SecretName name, CancellationToken cancellationToken)
    {
        var found = await sql.FindAsync<byte[]>("SELECT sealed FROM secrets WHERE organisation = @Organisation AND kind = @Kind AND id = @Id", name, cancellationToken);
        return found is null ? null : sealer.Open(name, found);
    }

    public Task PutAsync(WriteSql sql, SecretName name, ReadOnlyMemory<byte> secret, DateTimeOffset now, CancellationToken cancellationToken) =>
        sql.ExecuteAsync(
            """
            INSERT INTO secrets (organisation, kind, id, sealed, created) VALUES (@Organisation, @Kind, @Id, @Sealed, @Created)
            ON CONFLICT (organisation, kind, id) DO UPDATE SET sealed = excluded.sealed, created = excluded.created
            """,
            new { name.Organisation, name.Kind, name.Id, Sealed = sealer.Seal(name, secret.Span), Created = now },
            cancellationToken);

    public static Task<int> DeleteAsync(WriteSql sql, SecretName name, CancellationToken cancellationToken) =>
        sql.ExecuteAsync("DELETE FROM secrets WHERE organisation = @Organisation AND kind = @Kind AND id = @Id", name, cancellationToken);
}
