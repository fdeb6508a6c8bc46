namespace Muster.Dev;

/// <summary>Something the developer can put right; printed without a stack.</summary>
internal sealed class DevException(string message) : Exception(message);
