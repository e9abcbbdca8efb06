namespace Interp;

/// <summary>Steering in a chain of a run plan. Other kinds: <c>plan.Intervene(unit, Steer.Clamp(vector, 3))</c>.</summary>
public static class SteeringExtensions
{
    /// <summary>Adds a direction times a strength where it was read, at every position.</summary>
    /// <param name="plan">The plan.</param>
    /// <param name="vector">The direction, with its length.</param>
    /// <param name="strength">How much of it.</param>
    /// <exception cref="ArgumentException">The direction belongs to no activation.</exception>
    public static RunPlan Add(this RunPlan plan, SteeringVector vector, double strength) => plan.Intervene(PlaceOf(vector), Steer.Add(vector, strength));

    /// <summary>Adds a direction times a strength at a unit: other layers, or some positions only.</summary>
    /// <param name="plan">The plan.</param>
    /// <param name="unit">Where.</param>
    /// <param name="vector">The direction, with its length.</param>
    /// <param name="strength">How much of it.</param>
    public static RunPlan Add(this RunPlan plan, Unit unit, SteeringVector vector, double strength = 1) => plan.Intervene(unit, Steer.Add(vector, strength));

    /// <summary>Takes directions out at a unit.</summary>
    /// <param name="plan">The plan.</param>
    /// <param name="unit">Where.</param>
    /// <param name="vectors">The directions.</param>
    public static RunPlan ProjectOut(this RunPlan plan, Unit unit, params IReadOnlyList<SteeringVector> vectors) => plan.Intervene(unit, Steer.ProjectOut(vectors));

    /// <summary>
    /// Takes directions out of the residual stream everywhere (Arditi et al. 2024): before, between and behind the sublayers of every block, so that
    /// no component reads or writes them.
    /// </summary>
    /// <param name="plan">The plan.</param>
    /// <param name="vectors">The directions.</param>
    public static RunPlan ProjectOutEverywhere(this RunPlan plan, params IReadOnlyList<SteeringVector> vectors)
    {
        var present = plan.Model.Sites.ToHashSet();
        foreach (var site in new[] { Sites.ResidPre, Sites.ResidMid, Sites.ResidPost }.Where(present.Contains))
            plan = plan.ProjectOut(site, vectors);
        return plan;
    }

    /// <summary>The unit of a direction's own activation.</summary>
    internal static Unit PlaceOf(SteeringVector vector) => vector.Origin is { } origin
        ? origin
        : throw new ArgumentException($"This direction ({vector}) belongs to no activation: name the unit to steer, or give it one with At(hook point).", nameof(vector));
}
