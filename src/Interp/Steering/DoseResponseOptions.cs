namespace Interp;

using Interp.Extending;

/// <summary>How a dose-response curve is measured.</summary>
public sealed record DoseResponseOptions
{
    /// <summary>Where steering acts; null is the direction's own activation, at every position.</summary>
    public Unit? At { get; init; }

    /// <summary>What is done with direction and strength; null adds (<see cref="Steer.Add"/>).</summary>
    public Func<SteeringVector, double, IIntervention>? How { get; init; }

    /// <summary>How many random directions of the same length are measured.</summary>
    public int Controls { get; init; } = 20;

    /// <summary>The share of random directions inside the band, and the level of the curve's interval over prompts.</summary>
    public double Level { get; init; } = 0.95;

    /// <summary>Of the random directions and the bootstrap.</summary>
    public int Seed { get; init; }
}
