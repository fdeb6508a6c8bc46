using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;

namespace Muster.Server.Machines;

/// <summary>Where people and joining machines reach this server: its first public name and the port it really listens on.</summary>
internal sealed class PublicAddress(ServerOptions options, IServer server)
{
    public string Url => UrlOf(options.PublicNames[0]);

    /// <summary>The same under the name by which a request came, if that is one of ours.</summary>
    public string UrlFor(HttpRequest request) =>
        options.PublicNames.FirstOrDefault(name => string.Equals(name, request.Host.Host, StringComparison.OrdinalIgnoreCase)) is { } name ? UrlOf(name) : Url;

    private string UrlOf(string name)
    {
        var bound = server.Features.Get<IServerAddressesFeature>()?.Addresses.FirstOrDefault();
        var port = options.EndPoint.Port != 0 || bound is null ? options.EndPoint.Port : BindingAddress.Parse(bound).Port;
        return new UriBuilder("https", name, port).Uri.GetLeftPart(UriPartial.Authority);
    }
}
