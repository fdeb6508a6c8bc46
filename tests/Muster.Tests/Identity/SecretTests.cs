using System.Security.Cryptography;
using System.Text.Json;
using Muster.Protocol;
using Muster.Protocol.Agent;
using Muster.Protocol.Identity;
using Muster.Protocol.Machines;
using Muster.Server.Edge;
using Muster.Tests.Machines;

namespace Muster.Tests.Identity;

public sealed class SecretTests
{
    [Fact]
    public void A_record_that_holds_a_secret_does_not_print_it()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        object[] holders =
        [
            new Login("admin", "hidden"),
            new ChangePassword("hidden", "hidden too"),
            new TokenAdded(default, "ci", "hidden", default),
            new Invitation(default, "curl … MUSTER_JOIN=hidden", "hidden", "https://", [], default),
            new JoinRequest("hidden", PaperAgent.Request(key), PaperAgent.Facts),
        ];
        foreach (var holder in holders)
        {
            Assert.DoesNotContain("hidden", holder.ToString());
            Assert.Contains("***", holder.ToString());
        }
    }

    [Fact]
    public void In_JSON_it_is_its_text_for_every_program()
    {
        var login = new Login("admin", "hidden");
        foreach (var json in new[] { JsonSerializer.Serialize(login, WireJson.Options), JsonSerializer.Serialize(login, MusterJson.Default.Login) })
        {
            Assert.Equal("""{"name":"admin","password":"hidden"}""", json);
            Assert.Equal(login, JsonSerializer.Deserialize(json, MusterJson.Default.Login));
            Assert.Equal(login, JsonSerializer.Deserialize<Login>(json, WireJson.Options));
        }
    }
}
