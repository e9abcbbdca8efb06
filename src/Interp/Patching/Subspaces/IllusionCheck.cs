namespace Interp;

using TorchSharp;
using static TorchSharp.torch;

/// <summary>A direction and its two parts against the next weight, each patched: whether the direction carries its effect.</summary>
[TypeFormatterSource(typeof(NotebookFormatters))]
public sealed record IllusionCheck
{
    private const double Least = 0.01; // of source minus base: less is no effect to explain
    private const double Vanished = 1e-10;

    /// <summary>The effect of patching the direction.</summary>
    public required SubspaceEffect Whole { get; init; }

    /// <summary>The effect of patching the part that the next weight reads; null where the direction has none.</summary>
    public required SubspaceEffect? RowPart { get; init; }

    /// <summary>The effect of patching the part that the next weight does not read; null where the direction has none.</summary>
    public required SubspaceEffect? NullPart { get; init; }

    /// <summary>The share of the direction, squared, that the next weight does not read: 0 to 1.</summary>
    public required double NullShare { get; init; }

    /// <summary>The root mean square, over prompts, of source minus base along the direction.</summary>
    public required double WholeSpread { get; init; }

    /// <summary>The same along the part that is read: near zero where that part is dormant.</summary>
    public required double RowSpread { get; init; }

    /// <summary>The same along the part that is not read.</summary>
    public required double NullSpread { get; init; }

    /// <summary>The effect of the part that is read over the effect of the direction; NaN where the direction has no effect.</summary>
    public double RowShare => HasEffect ? (RowPart?.Effect ?? 0) / Whole.Effect : double.NaN;

    /// <summary>The verdict.</summary>
    public IllusionVerdict Verdict => !HasEffect ? IllusionVerdict.NoEffect
        : RowShare <= 0.2 ? IllusionVerdict.Illusion
        : RowShare < 0.8 ? IllusionVerdict.Mixed
        : IllusionVerdict.Carried;

    /// <summary>Whether the effect is an illusion.</summary>
    public bool IsIllusion => Verdict == IllusionVerdict.Illusion;

    private bool HasEffect => Math.Abs(Whole.Effect) > Least * Math.Abs(Whole.Source.Average() - Whole.Base.Average()) && Whole.Effect != 0;

    /// <summary>The verdict with the effects it rests on.</summary>
    public override string ToString() =>
        $"{Verdict}: effect {NumberText.Short(Whole.Effect)}, of the part that is read {Text(RowPart)}, of the part that is not {Text(NullPart)} ({NumberText.Fixed(NullShare, 2)} of the direction)";

    /// <summary>Patches the direction and its parts.</summary>
    /// <param name="runs">The runs at the unit.</param>
    /// <param name="direction">A unit vector, float64.</param>
    /// <param name="row">Its part that the next weight reads.</param>
    /// <param name="randoms">How many random directions.</param>
    /// <param name="seed">Their seed.</param>
    internal static IllusionCheck Of(SubspaceRuns runs, Tensor direction, Tensor row, int randoms, long seed)
    {
        var rest = direction - row;
        var share = (rest * rest).sum().ToDouble();
        var (hasRow, hasNull) = (1 - share > Vanished, share > Vanished);
        return new IllusionCheck
        {
            Whole = runs.Effect(Subspace.Of(direction), randoms, seed),
            RowPart = hasRow ? runs.Effect(Subspace.Of(row), 0, seed) : null,
            NullPart = hasNull ? runs.Effect(Subspace.Of(rest), 0, seed) : null,
            NullShare = Math.Clamp(share, 0, 1),
            WholeSpread = Spread(runs, direction),
            RowSpread = hasRow ? Spread(runs, row / row.norm()) : 0,
            NullSpread = hasNull ? Spread(runs, rest / rest.norm()) : 0,
        };
    }

    private static double Spread(SubspaceRuns runs, Tensor along) =>
        runs.Difference.to(ScalarType.Float64).cpu().matmul(along).pow(2).mean().sqrt().ToDouble();

    private static string Text(SubspaceEffect? part) => part is null ? "none" : NumberText.Short(part.Effect);
}
