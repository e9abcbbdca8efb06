namespace Interp;

/// <summary>Where a head of a known kind looks, given the tokens.</summary>
public enum HeadPattern
{
    /// <summary>At the token before the current one.</summary>
    PreviousToken,

    /// <summary>At earlier copies of the current token.</summary>
    DuplicateToken,

    /// <summary>At the tokens behind earlier copies of the current token.</summary>
    Induction,
}
