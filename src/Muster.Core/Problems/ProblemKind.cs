namespace Muster.Core.Problems;

/// <summary>Who has to act on a failure. The kind decides the retry, the log level and every edge's answer.</summary>
public enum ProblemKind
{
    /// <summary>The caller, by asking differently. HTTP 400, exit 2.</summary>
    Invalid,

    /// <summary>The caller, by getting the right. HTTP 403, exit 3.</summary>
    Denied,

    /// <summary>The caller: it is not there, or may not be seen. HTTP 404, exit 4.</summary>
    NotFound,

    /// <summary>The caller, by reading again. HTTP 409, exit 5.</summary>
    Conflict,

    /// <summary>Nobody: wait and try again. HTTP 503, exit 75.</summary>
    Unavailable,

    /// <summary>The caller, by signing in. HTTP 401, exit 3.</summary>
    Unauthenticated,

    /// <summary>Nobody: wait as long as told. HTTP 429, exit 75.</summary>
    Throttled,

    /// <summary>The caller, by sending less. HTTP 413, exit 2.</summary>
    TooLarge,

    /// <summary>The operator, by making room. HTTP 507, exit 74.</summary>
    Full,

    /// <summary>Us. HTTP 500, exit 70.</summary>
    Bug,
}
