using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Muster.Cli.Connection;
using Muster.Cli.Showing;
using Muster.Core.Problems;
using Muster.Protocol;
using Muster.Protocol.Operations;

namespace Muster.Cli.Running;

/// <summary>How every change goes: validate, plan, show, confirm, apply by the plan's hash.</summary>
internal static class Changes
{
    /// <summary>Null when nothing was applied, because only the plan was asked for or the person said no.</summary>
    public static Task<JsonDocument?> ChangeAsync<T>(this Run run, string operation, T arguments, JsonTypeInfo<T> type, CancellationToken cancellationToken)
        where T : IArguments
    {
        Check(arguments);
        return run.ChangeAsync(run.Client, operation, arguments, type, cancellationToken);
    }

    public static async Task<JsonDocument?> ChangeAsync<T>(this Run run, MusterClient client, string operation, T arguments, JsonTypeInfo<T> type, CancellationToken cancellationToken)
        where T : IArguments
    {
        Check(arguments);
        if (!run.DryRun)
        {
            run.RequireYesOrTerminal("or --dry-run to see what would change");
        }

        if (run.Yes && !run.DryRun)
        {
            return await client.ChangeAsync(operation, arguments, type, cancellationToken);
        }

        using var document = await client.PostAsync(OperationPath.Of(operation) + "?plan=true", arguments, type, cancellationToken);
        var plan = document.Deserialize(MusterJson.Default.Plan) ?? throw new ProblemException(ProblemKind.Unavailable, "server.not-json", "the server answered without a plan");
        if (run.DryRun)
        {
            if (run.Format is OutputFormat.Json or OutputFormat.Yaml)
            {
                run.Output.Document(document.RootElement);
            }
            else
            {
                PlanView.Write(run.Output.Plain, plan);
            }

            return null;
        }

        PlanView.Write(run.Output.Notes, plan);
        return await run.ConfirmAsync(cancellationToken) ? await client.ApplyAsync(plan.Hash, cancellationToken) : null;
    }

    /// <summary>The usual end of a change: the answer as JSON or YAML, else a sentence or what <paramref name="show"/> writes.</summary>
    public static Task<int> ChangeAndShowAsync<T>(
        this Run run, string operation, T arguments, JsonTypeInfo<T> type, Action<JsonElement> show, CancellationToken cancellationToken)
        where T : IArguments
    {
        Check(arguments);
        return run.ChangeAndShowAsync(run.Client, operation, arguments, type, show, cancellationToken);
    }

    public static async Task<int> ChangeAndShowAsync<T>(
        this Run run, MusterClient client, string operation, T arguments, JsonTypeInfo<T> type, Action<JsonElement> show, CancellationToken cancellationToken)
        where T : IArguments
    {
        using var answer = await run.ChangeAsync(client, operation, arguments, type, cancellationToken);
        if (answer is not null)
        {
            run.Output.Write(answer.RootElement, () => show(answer.RootElement));
        }

        return ExitCode.Done;
    }

    public static void Check(IArguments arguments)
    {
        var faults = new Faults();
        arguments.Validate(faults);
        faults.ThrowIfAny();
    }

    /// <summary>Where nobody can be asked, somebody must have said yes.</summary>
    public static void RequireYesOrTerminal(this Run run, string otherwise)
    {
        if (!run.Yes && !run.Around.InIsTerminal)
        {
            throw new ProblemException(ProblemKind.Invalid, "confirmation.nobody",
                $"there is no terminal to confirm at: say --yes to apply, {otherwise}");
        }
    }

    public static async Task<bool> ConfirmAsync(this Run run, CancellationToken cancellationToken)
    {
        await run.Around.Error.WriteAsync("Apply this plan? [y/N] ".AsMemory(), cancellationToken);
        await run.Around.Error.FlushAsync(cancellationToken);
        var said = await run.Around.In.ReadLineAsync(cancellationToken);
        if (said?.Trim().ToLowerInvariant() is "y" or "yes")
        {
            return true;
        }

        await run.Around.Error.WriteLineAsync("Nothing was changed.".AsMemory(), cancellationToken);
        return false;
    }
}
