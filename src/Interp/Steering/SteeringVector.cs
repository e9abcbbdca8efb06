namespace Interp;

using System.Collections.Immutable;
using MathNet.Numerics.Distributions;
using TorchSharp;
using static TorchSharp.torch;

/// <summary>A direction in an activation space: its numbers, where it was read and how it was made. An immutable value without native memory.</summary>
[TypeFormatterSource(typeof(NotebookFormatters))]
public sealed partial class SteeringVector
{
    private readonly double[] values;

    /// <summary>A direction with given numbers, such as a probe's weights.</summary>
    /// <param name="values">[width of the site's last axis].</param>
    /// <param name="origin">The activation it belongs to; null for a direction of no place in particular.</param>
    /// <param name="provenance">How it was made.</param>
    /// <exception cref="ArgumentException">There are no numbers, one is not finite, or all are zero.</exception>
    public SteeringVector(ReadOnlySpan<double> values, HookName? origin = null, Provenance? provenance = null)
    {
        for (var i = 0; i < values.Length; i++)
            if (!double.IsFinite(values[i]))
                throw new ArgumentException($"Component {i} of the direction is {values[i]}: a direction is made of finite numbers. Look at what it was computed from.", nameof(values));
        if (values.IndexOfAnyExcept(0.0) < 0)
            throw new ArgumentException($"The direction's {values.Length} components are all zero: it points nowhere. Are its two sides the same?", nameof(values));
        this.values = values.ToArray();
        (Origin, Provenance) = (origin, provenance ?? new Provenance());
        Norm = Math.Sqrt(this.values.Sum(v => v * v));
    }

    /// <summary>The numbers.</summary>
    public ReadOnlySpan<double> Values => values;

    /// <summary>How many numbers there are.</summary>
    public int Width => values.Length;

    /// <summary>The length, above 0.</summary>
    public double Norm { get; }

    /// <summary>The activation that the direction belongs to, or none.</summary>
    public HookName? Origin { get; }

    /// <summary>How the direction was made: method, model, seed.</summary>
    public Provenance Provenance { get; }

    /// <summary>A direction from a tensor.</summary>
    /// <param name="values">[width]; it stays the caller's.</param>
    /// <param name="origin">The activation it belongs to, or null.</param>
    /// <param name="provenance">How it was made.</param>
    /// <exception cref="ArgumentException">The tensor has another shape, a number is not finite, or all are zero.</exception>
    public static SteeringVector Of(Tensor values, HookName? origin = null, Provenance? provenance = null)
    {
        Shape.Check(values, "width", nameof(values));
        return new SteeringVector(values.Doubles(), origin, provenance);
    }

    /// <summary>The direction times a number.</summary>
    public static SteeringVector operator *(SteeringVector vector, double factor) => vector.Mapped(v => v * factor);

    /// <summary>The direction turned round.</summary>
    public static SteeringVector operator -(SteeringVector vector) => vector.Mapped(v => -v);

    /// <summary>The sum of two directions; it belongs where the first does.</summary>
    /// <exception cref="ArgumentException">They differ in width, or cancel.</exception>
    public static SteeringVector operator +(SteeringVector a, SteeringVector b) => a.Combined(b, (x, y) => x + y);

    /// <summary>The difference of two directions; it belongs where the first does.</summary>
    /// <exception cref="ArgumentException">They differ in width, or are the same.</exception>
    public static SteeringVector operator -(SteeringVector a, SteeringVector b) => a.Combined(b, (x, y) => x - y);

    /// <summary>The same direction with another length.</summary>
    /// <param name="norm">The length, above 0.</param>
    public SteeringVector WithNorm(double norm)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(norm);
        return this * (norm / Norm);
    }

    /// <summary>The same direction with length 1.</summary>
    public SteeringVector Normalised() => WithNorm(1);

    /// <summary>The same numbers at another activation.</summary>
    public SteeringVector At(HookName origin) => new(values, origin, Provenance);

    /// <summary>The cosine of the angle between two directions, -1 to 1.</summary>
    /// <exception cref="ArgumentException">They differ in width.</exception>
    public double Cosine(SteeringVector other) => Math.Clamp(Dot(other) / (Norm * other.Norm), -1, 1);

    /// <summary>How far activations lie along the direction: x·v / |v|.</summary>
    /// <param name="activations">[.., width].</param>
    /// <returns>[..]; the caller disposes it.</returns>
    /// <exception cref="ArgumentException">The last axis has another length.</exception>
    public Tensor Project(Tensor activations)
    {
        using var scope = NewDisposeScope();
        RequireWidth(activations, "the activations");
        return (activations * ToTensor(activations.dtype, activations.device) / Norm).sum(-1).MoveToOuterDisposeScope();
    }

    /// <summary>What is left of the direction once others are taken out of it.</summary>
    /// <exception cref="ArgumentException">They differ in width, or nothing is left.</exception>
    public SteeringVector Without(params IEnumerable<SteeringVector> others)
    {
        var rest = (double[])values.Clone();
        foreach (var basis in Orthonormal(others))
        {
            var along = rest.Zip(basis, (a, b) => a * b).Sum();
            for (var i = 0; i < rest.Length; i++)
                rest[i] -= along * basis[i];
        }
        return Math.Sqrt(rest.Sum(v => v * v)) > Norm * 1e-10
            ? new SteeringVector(rest, Origin, Provenance)
            : throw new ArgumentException("The direction lies in the span of the others: nothing of it is left.", nameof(others));
    }

    /// <summary>A random direction of the same length at the same activation: the control.</summary>
    /// <param name="seed">The same seed draws the same direction.</param>
    public SteeringVector Random(int seed)
    {
        var drawn = new double[Width];
        Normal.Samples(new Random(seed), drawn, 0, 1);
        return new SteeringVector(drawn, Origin, Provenance with { Method = "random direction", Seed = seed }).WithNorm(Norm);
    }

    /// <summary>The numbers as a tensor, [width]; the caller disposes it.</summary>
    public Tensor ToTensor(ScalarType dtype = ScalarType.Float32, Device? device = null) => tensor(values, dtype: dtype, device: device ?? CPU);

    /// <summary>Where it belongs, how it was made, its length.</summary>
    public override string ToString() =>
        $"{Provenance.Method ?? "direction"}{(Origin is { } origin ? $" at {origin}" : "")}, {Width} wide, norm {NumberText.Short(Norm)}";

    /// <summary>An orthonormal basis of the span of directions, in float64; directions that others span add nothing.</summary>
    internal static IReadOnlyList<double[]> Orthonormal(IEnumerable<SteeringVector> vectors)
    {
        List<double[]> basis = [];
        foreach (var vector in vectors)
        {
            if (basis.Count > 0 && basis[0].Length != vector.Width)
                throw new ArgumentException($"The directions are {basis[0].Length} and {vector.Width} wide: they belong to different activations.", nameof(vectors));
            var rest = vector.values.Select(v => v / vector.Norm).ToArray();
            for (var pass = 0; pass < 2; pass++) // a second pass takes out what rounding left
                foreach (var other in basis)
                {
                    var along = rest.Zip(other, (a, b) => a * b).Sum();
                    rest = [.. rest.Zip(other, (a, b) => a - along * b)];
                }
            var left = Math.Sqrt(rest.Sum(v => v * v));
            if (left > 1e-10)
                basis.Add([.. rest.Select(v => v / left)]);
        }
        return basis;
    }

    /// <summary>Checks that activations are as wide as the direction.</summary>
    internal void RequireWidth(Tensor activations, string what)
    {
        if (activations.dim() == 0 || activations.shape[^1] != Width)
            throw new ArgumentException(
                $"The direction is {Width} wide{(Origin is { } origin ? $" ({origin})" : "")}, {what} [{string.Join(", ", activations.shape)}]: take a direction of that site.");
    }

    private double Dot(SteeringVector other)
    {
        RequireSame(other);
        return values.Zip(other.values, (a, b) => a * b).Sum();
    }

    private SteeringVector Mapped(Func<double, double> map) => new(Array.ConvertAll(values, v => map(v)), Origin, Provenance);

    private SteeringVector Combined(SteeringVector other, Func<double, double, double> map)
    {
        RequireSame(other);
        return new SteeringVector([.. values.Zip(other.values, map)], Origin, Provenance.Common(Provenance, other.Provenance));
    }

    private void RequireSame(SteeringVector other)
    {
        if (Width != other.Width)
            throw new ArgumentException($"The directions are {Width} and {other.Width} wide: they belong to different activations.", nameof(other));
    }
}
