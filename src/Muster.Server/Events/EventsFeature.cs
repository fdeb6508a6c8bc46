using Muster.Server.Operations;

namespace Muster.Server.Events;

internal static class EventsFeature
{
    public static WebApplicationBuilder AddEvents(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<EventsWritten>();
        builder.Services.AddSingleton<EventsNumbered>();
        builder.Services.AddSingleton<EventLog>();
        builder.Services.AddHostedService<EventNumbering>();
        builder.Services.AddOperation<ListEvents>();
        builder.Services.AddOperation<StreamEvents>();
        return builder;
    }
}
