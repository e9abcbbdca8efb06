namespace Interp;

/// <summary>A request failed in a way that may pass.</summary>
internal sealed class HubTransientException(string message, TimeSpan? wait = null, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>How long the server asked to wait.</summary>
    public TimeSpan? Wait => wait;
}
