namespace Muster.Protocol.Operations;

/// <summary>Operations.List: an operation that this server knows.</summary>
/// <param name="Name">Its name and permission.</param>
/// <param name="Summary">What it does, in one sentence.</param>
/// <param name="Kind"><c>change</c>, <c>read</c> or <c>stream</c>.</param>
/// <param name="Method">HTTP method.</param>
/// <param name="Path">Path below the server.</param>
/// <param name="Sensitive">Only granted by its full name or <c>*.*</c>.</param>
/// <param name="Allowed">Whether the caller may use it.</param>
public sealed record OperationDescription(string Name, string Summary, string Kind, string Method, string Path, bool Sensitive, bool Allowed);
