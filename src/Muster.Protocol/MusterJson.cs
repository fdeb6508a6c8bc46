using System.Text.Json.Serialization;
using Muster.Core.Ids;
using Muster.Core.Json;
using Muster.Protocol.Agent;
using Muster.Protocol.Edge;
using Muster.Protocol.Events;
using Muster.Protocol.Identity;
using Muster.Protocol.Images;
using Muster.Protocol.Machines;
using Muster.Protocol.Objects;
using Muster.Protocol.Operations;
using Muster.Protocol.Tasks;

namespace Muster.Protocol;

/// <summary>How everything in this project becomes JSON: camelCase, no nulls, ids in shown form. Every record that travels is listed here.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    Converters =
    [
        typeof(IdConverter<OrganisationKind>), typeof(IdConverter<UserKind>), typeof(IdConverter<MachineKind>), typeof(IdConverter<ImageKind>),
        typeof(IdConverter<TokenKind>), typeof(IdConverter<InvitationKind>), typeof(IdConverter<DriftKind>), typeof(IdConverter<InstallationKind>), typeof(IdConverter<TaskKind>),
    ])]
[JsonSerializable(typeof(Plan))]
[JsonSerializable(typeof(Problem))]
[JsonSerializable(typeof(Event))]
[JsonSerializable(typeof(TaskSummary))]
[JsonSerializable(typeof(TaskDetails))]
[JsonSerializable(typeof(ListTasks))]
[JsonSerializable(typeof(Listing<TaskSummary>))]
[JsonSerializable(typeof(ShowTask))]
[JsonSerializable(typeof(LogTask))]
[JsonSerializable(typeof(Listing<TaskLine>))]
[JsonSerializable(typeof(CancelTask))]
[JsonSerializable(typeof(RetryTask))]
[JsonSerializable(typeof(VerifyImage))]
[JsonSerializable(typeof(ListEvents))]
[JsonSerializable(typeof(Listing<Event>))]
[JsonSerializable(typeof(Login))]
[JsonSerializable(typeof(Me))]
[JsonSerializable(typeof(ChangePassword))]
[JsonSerializable(typeof(PasswordChanged))]
[JsonSerializable(typeof(AddToken))]
[JsonSerializable(typeof(TokenAdded))]
[JsonSerializable(typeof(ListTokens))]
[JsonSerializable(typeof(Listing<TokenSummary>))]
[JsonSerializable(typeof(DeleteToken))]
[JsonSerializable(typeof(TokenDeleted))]
[JsonSerializable(typeof(NoArguments))]
[JsonSerializable(typeof(Listing<OperationDescription>))]
[JsonSerializable(typeof(AddImage))]
[JsonSerializable(typeof(DeleteImage))]
[JsonSerializable(typeof(ListImages))]
[JsonSerializable(typeof(ShowImage))]
[JsonSerializable(typeof(BrowseImage))]
[JsonSerializable(typeof(DiffImages))]
[JsonSerializable(typeof(ImageFile))]
[JsonSerializable(typeof(Listing<ImageSummary>))]
[JsonSerializable(typeof(ImageDetails))]
[JsonSerializable(typeof(Listing<ImageEntry>))]
[JsonSerializable(typeof(Listing<ImageDifference>))]
[JsonSerializable(typeof(CheckObjects))]
[JsonSerializable(typeof(LackedObjects))]
[JsonSerializable(typeof(AddedObjects))]
[JsonSerializable(typeof(ObjectPart))]
[JsonSerializable(typeof(InviteMachine))]
[JsonSerializable(typeof(Invitation))]
[JsonSerializable(typeof(RequireImage))]
[JsonSerializable(typeof(EditMachine))]
[JsonSerializable(typeof(DeleteMachine))]
[JsonSerializable(typeof(ListMachines))]
[JsonSerializable(typeof(ShowMachine))]
[JsonSerializable(typeof(ListDrift))]
[JsonSerializable(typeof(ListDifferences))]
[JsonSerializable(typeof(ListConditions))]
[JsonSerializable(typeof(Listing<ObjectCondition>))]
[JsonSerializable(typeof(Listing<MachineSummary>))]
[JsonSerializable(typeof(MachineDetails))]
[JsonSerializable(typeof(Listing<DriftDetails>))]
[JsonSerializable(typeof(JoinRequest))]
[JsonSerializable(typeof(JoinAnswer))]
[JsonSerializable(typeof(RenewRequest))]
[JsonSerializable(typeof(RenewAnswer))]
[JsonSerializable(typeof(Order))]
[JsonSerializable(typeof(Hello))]
[JsonSerializable(typeof(HelloAnswer))]
[JsonSerializable(typeof(Report))]
[JsonSerializable(typeof(ReportAnswer))]
[JsonSerializable(typeof(GetObjects))]
public sealed partial class MusterJson : JsonSerializerContext;
