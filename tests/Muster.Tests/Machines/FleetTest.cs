using System.Net.Http.Json;
using Microsoft.Extensions.DependencyInjection;
using Muster.Protocol.Images;
using Muster.Protocol.Machines;
using Muster.Protocol.Operations;
using Muster.Server.Edge;
using Muster.Testing;
using Muster.Tests.Objects;
using Xunit;

namespace Muster.Tests.Machines;

/// <summary>A server and its administrator.</summary>
public abstract class FleetTest : IAsyncLifetime
{
    internal MusterServer Server { get; private set; } = null!;

    internal HttpClient Admin { get; private set; } = null!;

    private protected static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        Server = await MusterServer.StartAsync(services: AddParts);
        Admin = await Server.SignInAsync();
    }

    /// <summary>Parts of the server that are the test's own.</summary>
    private protected virtual void AddParts(IServiceCollection services)
    {
    }

    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        Admin.Dispose();
        await Server.DisposeAsync();
    }

    private protected async Task<ImageSummary> AddImageAsync(string name, SmallImage image)
    {
        (await Admin.PostAsync("/api/v1/objects/add", image.Batch, Cancellation)).EnsureSuccessStatusCode();
        return await PostAsync<ImageSummary>("images/add", new AddImage(name, image.Digest));
    }

    private protected async Task<T> PostAsync<T>(string path, object arguments) =>
        await PaperAgent.ReadAsync<T>(await Admin.PostAsync("/api/v1/" + path, JsonContent.Create(arguments, arguments.GetType(), options: WireJson.Options), Cancellation));

    private protected async Task<T> GetAsync<T>(string path) => await PaperAgent.ReadAsync<T>(await Admin.GetAsync("/api/v1/" + path, Cancellation));

    private protected async Task<string> RefusedAsync(string path, object arguments) =>
        await PaperAgent.RefusedAsync(await Admin.PostAsync("/api/v1/" + path, JsonContent.Create(arguments, arguments.GetType(), options: WireJson.Options), Cancellation));

    private protected Task<Plan> PlanAsync(string path, object arguments) => PostAsync<Plan>(path + "?plan=true", arguments);

    private protected Task<HttpResponseMessage> ApplyAsync(Plan plan) => Admin.PostAsync($"/api/v1/plans/{plan.Hash}/apply", null, Cancellation);

    private protected async Task<MachineDetails> ShowAsync(PaperAgent agent) => await GetAsync<MachineDetails>("machines/show?machine=" + agent.Name);

    private protected async Task<MachineDetails> ShowUntilAsync(PaperAgent agent, Func<MachineDetails, bool> good)
    {
        while (true)
        {
            var details = await ShowAsync(agent);
            if (good(details))
            {
                return details;
            }

            await Task.Yield();
        }
    }
}
