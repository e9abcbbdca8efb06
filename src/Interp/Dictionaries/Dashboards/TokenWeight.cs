namespace Interp;

/// <summary>A token and what a feature adds to its logit.</summary>
/// <param name="Token">The token's text.</param>
/// <param name="Id">Its number.</param>
/// <param name="Weight">What one unit of the feature adds, before the final norm's scale.</param>
public sealed record TokenWeight(string Token, int Id, double Weight);
