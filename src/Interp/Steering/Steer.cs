namespace Interp;

using Interp.Extending;
using TorchSharp;
using static TorchSharp.torch;

/// <summary>Interventions along directions, for <c>Intervene</c> and for variants.</summary>
/// <remarks>
/// They act on the last axis at every position of their unit; where and when is the unit's business:
/// <c>ResidPost[2..4].At(Position.Generated)</c>. They take part in autograd.
/// </remarks>
public static class Steer
{
    /// <summary>Adds the direction times a strength (activation addition; Turner et al. 2023).</summary>
    /// <param name="vector">The direction, with its length.</param>
    /// <param name="strength">How much of it.</param>
    public static IIntervention Add(SteeringVector vector, double strength = 1)
    {
        RequireFinite(strength, nameof(strength));
        return new SteeringIntervention($"add {NumberText.Short(strength)} x {vector}", vector, [vector.Values.ToArray()], (x, rows) => x + rows[0] * strength);
    }

    /// <summary>Takes the component along one or several directions out (directional ablation; Arditi et al. 2024): x - Q Qᵀ x with an orthonormal Q of their span.</summary>
    /// <param name="vectors">The directions.</param>
    /// <exception cref="ArgumentException">There is none, or they differ in width.</exception>
    public static IIntervention ProjectOut(params IReadOnlyList<SteeringVector> vectors)
    {
        if (vectors.Count == 0)
            throw new ArgumentException("There is no direction to project out.", nameof(vectors));
        // The second pass takes out what rounding of the first has left.
        return new SteeringIntervention(
            $"project out {string.Join(", ", vectors)}", vectors[0], SteeringVector.Orthonormal(vectors), (x, basis) => Outside(Outside(x, basis), basis));
    }

    /// <summary>Sets the component along the direction to a value: x + (value - x·v̂) v̂ with v̂ = v / |v|.</summary>
    /// <param name="vector">The direction; its length does not count.</param>
    /// <param name="value">What x·v̂ becomes.</param>
    public static IIntervention Clamp(SteeringVector vector, double value)
    {
        RequireFinite(value, nameof(value));
        return new SteeringIntervention(
            $"clamp to {NumberText.Short(value)} along {vector}", vector, SteeringVector.Orthonormal([vector]), (x, unit) => x + (value - Along(x, unit)) * unit[0]);
    }

    /// <summary>Multiplies the component along the direction: x + (factor - 1) (x·v̂) v̂.</summary>
    /// <param name="vector">The direction; its length does not count.</param>
    /// <param name="factor">1 changes nothing, 0 projects out, -1 reflects.</param>
    public static IIntervention Scale(SteeringVector vector, double factor)
    {
        RequireFinite(factor, nameof(factor));
        return new SteeringIntervention(
            $"scale by {NumberText.Short(factor)} along {vector}", vector, SteeringVector.Orthonormal([vector]), (x, unit) => x + Along(x, unit) * unit[0] * (factor - 1));
    }

    /// <summary>Adds the direction times a strength, then gives the activation its old length back: (x + s v) |x| / |x + s v|.</summary>
    /// <param name="vector">The direction, with its length.</param>
    /// <param name="strength">How much of it.</param>
    public static IIntervention Inject(SteeringVector vector, double strength = 1)
    {
        RequireFinite(strength, nameof(strength));
        return new SteeringIntervention($"inject {NumberText.Short(strength)} x {vector}", vector, [vector.Values.ToArray()], (x, rows) =>
        {
            var moved = x + rows[0] * strength;
            return moved * (Length(x) / Length(moved).clamp_min(1e-30));
        });
    }

    /// <summary>Turns the activation towards the direction by an angle, in the plane of both, length unchanged; it stops at the direction.</summary>
    /// <param name="vector">The direction; its length does not count.</param>
    /// <param name="angle">In radians; negative turns away.</param>
    public static IIntervention Rotate(SteeringVector vector, double angle)
    {
        RequireFinite(angle, nameof(angle));
        return new SteeringIntervention($"rotate by {NumberText.Short(angle)} towards {vector}", vector, SteeringVector.Orthonormal([vector]), (x, unit) =>
        {
            var along = Along(x, unit); // [.., 1]
            var rest = x - along * unit[0];
            var across = Length(rest);
            var turned = (atan2(across, along) - angle).clamp(0, Math.PI);
            return Length(x) * (turned.cos() * unit[0] + turned.sin() * rest / across.clamp_min(1e-30));
        });
    }

    private static Tensor Outside(Tensor x, Tensor basis) => x - x.matmul(basis.t()).matmul(basis);

    private static Tensor Along(Tensor x, Tensor unit) => (x * unit[0]).sum(-1, keepdim: true);

    private static Tensor Length(Tensor x) => x.square().sum(-1, keepdim: true).sqrt();

    private static void RequireFinite(double value, string name)
    {
        if (!double.IsFinite(value))
            throw new ArgumentOutOfRangeException(name, $"{name} is {value}, wanted a finite number.");
    }
}
