namespace Interp;

using TorchSharp;
using static TorchSharp.torch;

/// <summary>Distributed alignment search (Geiger et al. 2024): the subspace whose interchange gives the counterfactual answers.</summary>
/// <remarks>
/// 1. An unconstrained matrix A, [width, size], is the parameter; the basis is Q of its QR decomposition, orthonormal at every step. 2. The base runs
/// with x + (source - x) Q Q' at the unit; its weights are frozen. 3. The loss is the cross-entropy of the counterfactual answer at the last position.
/// 4. AdamW without decay follows its gradient through the model and the decomposition. What lies before the unit's layer is run once.
/// </remarks>
public static class AlignmentSearch
{
    /// <summary>The options where none are given: 200 steps at a rate of 0.02, without decay.</summary>
    public static TrainingOptions DefaultOptions { get; } = new() { Steps = 200, LearningRate = 0.02, WarmUp = 10, WeightDecay = 0, Beta2 = 0.99 };

    /// <summary>Learns the subspace of a unit that carries a variable.</summary>
    /// <param name="pairs">Pairs in random order; hold some out (<see cref="InterchangeSet.Split"/>) to judge the result.</param>
    /// <param name="unit">One activation: <c>ResidPost[1].At(Position.Last)</c>.</param>
    /// <param name="size">The subspace's dimensions.</param>
    /// <param name="options">Steps and rates.</param>
    /// <param name="batchSize">Pairs per step.</param>
    /// <param name="seed">The seed of the start and of the batches' order.</param>
    /// <param name="progress">Receives every step with its loss.</param>
    /// <param name="cancellation">Ends training between two steps; nothing is left behind.</param>
    /// <exception cref="ArgumentException">The unit means several layers or is the model's only once.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The size is not between 1 and the unit's width.</exception>
    public static Subspace Align(
        this InterchangeSet pairs, Unit unit, int size, TrainingOptions? options = null, int batchSize = 64, long seed = 0,
        IProgress<TrainingStep>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(pairs);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(batchSize);
        using var scope = NewDisposeScope();
        var names = HookBinding.Names(pairs.Model, unit);
        if (names.Count != 1 || names[0].Layer < 0)
            throw new ArgumentException($"{unit} means {names.Count} activations: name one of one layer.", nameof(unit));
        using var batches = new AlignmentBatches(pairs, unit, names[0].Layer, batchSize, seed, cancellation);
        using var generator = new Generator((ulong)seed);
        ArgumentOutOfRangeException.ThrowIfLessThan(size, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(size, batches.Width);
        var free = randn([batches.Width, size], dtype: ScalarType.Float64, generator: generator).to(batches.Dtype).to(pairs.Model.Device).requires_grad_(true);
        TrainingLoop.Minimise([free], step => batches.Loss(step, linalg.qr(free).Q), options ?? DefaultOptions, progress, cancellation);
        return Subspace.Of(free.detach().t());
    }
}
