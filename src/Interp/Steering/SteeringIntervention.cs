namespace Interp;

using Interp.Extending;
using TorchSharp;
using static TorchSharp.torch;

/// <summary>An intervention that is computed from rows of numbers as wide as the activation.</summary>
/// <param name="name">What it does.</param>
/// <param name="vector">The direction, for messages.</param>
/// <param name="rows">Its numbers, row by row.</param>
/// <param name="formula">From the activation [.., width] and the rows [row, width] to what stands there instead.</param>
internal sealed class SteeringIntervention(string name, SteeringVector vector, IReadOnlyList<double[]> rows, Func<Tensor, Tensor, Tensor> formula) : IIntervention
{
    private readonly double[] flat = [.. rows.SelectMany(row => row)];

    /// <inheritdoc/>
    public Tensor Apply(Tensor selected, InterventionContext context)
    {
        vector.RequireWidth(selected, $"{context.Unit} is here");
        using var scope = NewDisposeScope();
        // Half precision cannot hold what is to be taken out.
        var wide = selected.dtype is ScalarType.Float32 or ScalarType.Float64 ? selected : selected.to(ScalarType.Float32);
        var directions = tensor(flat, [rows.Count, vector.Width], dtype: wide.dtype, device: wide.device); // [row, width]
        return formula(wide, directions).to(selected.dtype).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public override string ToString() => name;
}
