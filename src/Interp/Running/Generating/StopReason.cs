namespace Interp;

/// <summary>Why a generated text ended.</summary>
public enum StopReason
{
    /// <summary>As many tokens as asked for were written.</summary>
    Tokens,

    /// <summary>The model wrote a stop token, which is left out of the text.</summary>
    StopToken,

    /// <summary>The text holds a stop string, before which it is cut.</summary>
    StopString,

    /// <summary>The model's context is full.</summary>
    Context,
}
