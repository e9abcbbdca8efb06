namespace Interp;

/// <summary>The learning rate between warm-up and decay.</summary>
public enum RateSchedule
{
    /// <summary>Constant.</summary>
    Constant,

    /// <summary>Half a cosine down to a tenth.</summary>
    Cosine,
}
