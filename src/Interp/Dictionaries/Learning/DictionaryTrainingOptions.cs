namespace Interp;

using System.Collections.Immutable;
using static TorchSharp.torch;

/// <summary>How a sparse dictionary is trained. Begin with <see cref="Like"/> and change what shall differ.</summary>
public sealed record DictionaryTrainingOptions
{
    /// <summary>Whose losses.</summary>
    public DictionaryRecipe Recipe { get; init; } = DictionaryRecipe.SaeLens;

    /// <summary>Number of steps.</summary>
    public int Steps { get; init; } = 10_000;

    /// <summary>Rows of activations in a step.</summary>
    public int BatchRows { get; init; } = 4096;

    /// <summary>The largest learning rate.</summary>
    public double LearningRate { get; init; } = 3e-4;

    /// <summary>Steps over which the rate rises.</summary>
    public int WarmUp { get; init; }

    /// <summary>Steps at the end over which the rate falls.</summary>
    public int Decay { get; init; }

    /// <summary>The rate in between.</summary>
    public RateSchedule Schedule { get; init; }

    /// <summary>Decay of Adam's mean of gradients.</summary>
    public double Beta1 { get; init; } = 0.9;

    /// <summary>Decay of Adam's mean of squared gradients.</summary>
    public double Beta2 { get; init; } = 0.999;

    /// <summary>Gradients whose joint length exceeds this are scaled down to it; 0 for no limit.</summary>
    public double ClipNorm { get; init; } = 1;

    /// <summary>What keeps decoder rows at length one.</summary>
    public DecoderRule Decoder { get; init; }

    /// <summary>Strength of the sparsity penalty; no meaning for TopK rules.</summary>
    public double Sparsity { get; init; } = 1;

    /// <summary>Steps over which the sparsity penalty rises from nothing.</summary>
    public int SparsityWarmUp { get; init; }

    /// <summary>p of the norm over latents that is penalised.</summary>
    public double SparsityNorm { get; init; } = 1;

    /// <summary>Whether latents are penalised times their decoder row's length.</summary>
    public bool PenaliseByDecoderNorm { get; init; } = true;

    /// <summary>What a JumpReLU dictionary's activity is measured by.</summary>
    public JumpPenalty JumpPenalty { get; init; }

    /// <summary>c of <see cref="JumpPenalty.Tanh"/>.</summary>
    public double TanhScale { get; init; } = 4;

    /// <summary>Strength of the penalty on dead latents' distance below their threshold; 0 for none.</summary>
    public double PreActivationPenalty { get; init; }

    /// <summary>The number of active latents that dictionary_learning's JumpReLU loss aims at.</summary>
    public double TargetL0 { get; init; } = 20;

    /// <summary>Strength of the auxiliary loss that revives dead latents.</summary>
    public double Auxiliary { get; init; } = 1;

    /// <summary>Whether a second reconstruction with 4k latents is trained too (sparsify, at an eighth).</summary>
    public bool MultiTopK { get; init; }

    /// <summary>How long a latent is silent until it counts as dead: steps for SAELens, rows for the others.</summary>
    public long DeadAfter { get; init; } = 1000;

    /// <summary>Widths of nested dictionaries inside the whole one (Matryoshka, Bussmann et al. 2025), ascending; empty for none.</summary>
    public ImmutableArray<int> Nesting { get; init; } = [];

    /// <summary>Weights of the nested reconstructions and the whole one (dictionary_learning); equal where nothing is said.</summary>
    public ImmutableArray<double> NestingWeights { get; init; } = [];

    /// <summary>How much of the BatchTopK threshold is kept in each step.</summary>
    public double ThresholdDecay { get; init; } = 0.99;

    /// <summary>The threshold is first set after this many steps; 0 lets it rise from zero from the beginning, as SAELens does.</summary>
    public int ThresholdStart { get; init; }

    /// <summary>Steps over which k of a TopK rule falls from d_in to its own value; 0 for none.</summary>
    public int AnnealK { get; init; }

    /// <summary>Whether the decoder bias starts at the geometric median of the first batch.</summary>
    public bool StartAtMedian { get; init; }

    /// <summary>The L0 that the sparsity penalty is steered to; 0 leaves the penalty alone.</summary>
    /// <remarks>The tanh penalty of a JumpReLU dictionary loses its grip on latents far above zero: the step penalty reaches them.</remarks>
    public double SteerToL0 { get; init; }

    /// <summary>How far the logarithm of the penalty moves in a step when L0 is twice what it shall be.</summary>
    public double SteerRate { get; init; } = 0.01;

    /// <summary>Steps between two resamplings of dead latents (Bricken et al. 2023); 0 for none.</summary>
    public int ResampleEvery { get; init; }

    /// <summary>The last step after which dead latents are resampled; 0 for no last.</summary>
    public int ResampleUntil { get; init; }

    /// <summary>Whether activations are brought to a mean length of √d_in, as measured on the first batch, and the scale is folded away at the end.</summary>
    /// <remarks>Heeded by the training of a model's dictionaries; a trainer that is used by itself has <see cref="DictionaryTrainer.InputScale"/>.</remarks>
    public bool ScaleInput { get; init; }

    /// <summary>The type in which the products with encoder and decoder are computed, such as bfloat16; null for the weights' own.</summary>
    /// <remarks>Weights, moments and losses stay in the weights' type.</remarks>
    public ScalarType? Products { get; init; }

    /// <summary>Whether only chosen latents are multiplied where that is possible: TopK and BatchTopK in float32 on the CPU.</summary>
    /// <remarks>
    /// The same numbers up to rounding. Of equal values at the limit either may be chosen; latents chosen at zero, where fewer are positive
    /// than wanted, do not count as having fired.
    /// </remarks>
    public bool ChosenOnly { get; init; } = true;

    /// <summary>A library's or paper's settings for a kind of dictionary.</summary>
    /// <param name="recipe">Whose.</param>
    /// <param name="activation">The kind of dictionary.</param>
    public static DictionaryTrainingOptions Like(DictionaryRecipe recipe, LatentActivation activation)
    {
        ArgumentNullException.ThrowIfNull(activation);
        var options = new DictionaryTrainingOptions { Recipe = recipe };
        return recipe switch
        {
            DictionaryRecipe.SaeLens => options,
            DictionaryRecipe.DictionaryLearning => options.OfDictionaryLearning(activation),
            DictionaryRecipe.Sparsify => options with { Decoder = DecoderRule.UnitNorm, Auxiliary = 1 / 32.0, DeadAfter = 10_000_000, ClipNorm = 0 },
            _ => options with { Decoder = DecoderRule.UnitNorm, Auxiliary = 1 / 32.0, DeadAfter = 10_000_000, StartAtMedian = true },
        };
    }

    /// <summary>The learning rate of a step, from 0 on.</summary>
    /// <param name="step">The step's number.</param>
    public double RateAt(int step) => Recipe == DictionaryRecipe.DictionaryLearning ? LearningRate * FactorFromZero(step) : RateFromFirst(step);

    /// <summary>The factor on the sparsity penalty in a step, from 0 on.</summary>
    /// <param name="step">The step's number.</param>
    public double SparsityAt(int step) => SparsityWarmUp <= 0 ? 1 : Math.Min((double)step / SparsityWarmUp, 1);

    /// <summary>Checks all values against a dictionary.</summary>
    /// <param name="config">The dictionary to be trained.</param>
    /// <exception cref="ArgumentException">All violations in one message.</exception>
    public DictionaryTrainingOptions Validated(DictionaryConfig config)
    {
        List<string> problems = [];
        if (Steps < 1 || BatchRows < 1)
            problems.Add($"Steps and BatchRows must be at least 1, not {Steps} and {BatchRows}");
        if (!(LearningRate > 0) || Beta1 is not (>= 0 and < 1) || Beta2 is not (>= 0 and < 1))
            problems.Add($"LearningRate must be positive, Beta1 and Beta2 in [0, 1), not {LearningRate}, {Beta1}, {Beta2}");
        if (WarmUp < 0 || Decay < 0 || WarmUp + Decay > Steps)
            problems.Add($"WarmUp {WarmUp} and Decay {Decay} do not fit into {Steps} steps");
        var widths = Nesting.Append(config.Width).ToArray();
        if (!DictionaryConfig.Ascend(Nesting, config.Width))
            problems.Add($"Nesting [{string.Join(", ", Nesting)}] must ascend from at least 1 and stay below the width {config.Width}");
        if (!NestingWeights.IsEmpty && NestingWeights.Length != widths.Length)
            problems.Add($"NestingWeights must be {widths.Length}, the nested dictionaries and the whole one, not {NestingWeights.Length}");
        if (!(SteerToL0 >= 0) || !(SteerRate > 0) || ResampleEvery < 0 || ResampleUntil < 0)
            problems.Add($"SteerToL0, ResampleEvery and ResampleUntil must not be negative and SteerRate must be positive, not {SteerToL0}, {ResampleEvery}, {ResampleUntil} and {SteerRate}");
        if (ScaleInput && config.Normalisation != InputNormalisation.None)
            problems.Add($"ScaleInput has no meaning for a dictionary that normalises each row ({config.Normalisation})");
        if (SteerToL0 > 0 && config.Activation.FixesSparsity)
            problems.Add($"SteerToL0 has no meaning for {config.Activation.Name}, which fixes L0 itself");
        if (ResampleEvery > 0 && (config.DIn != config.DOut || config.Input != config.Output))
            problems.Add("ResampleEvery is for autoencoders: a transcoder's rows are no directions of its output");
        if (Recipe is DictionaryRecipe.Sparsify or DictionaryRecipe.Gao2024 && config.Activation is not TopKLatents and not BatchTopKLatents)
            problems.Add($"{Recipe} is a recipe for TopK and BatchTopK, not for {config.Activation.Name}");
        return problems.Count == 0 ? this : throw new ArgumentException($"The training options do not hold: {string.Join("; ", problems)}.");
    }

    private DictionaryTrainingOptions OfDictionaryLearning(LatentActivation activation)
    {
        var options = this with { Auxiliary = 1 / 32.0, DeadAfter = 10_000_000, ThresholdDecay = 0.999, ThresholdStart = 1000, PenaliseByDecoderNorm = false };
        return activation switch
        {
            TopKLatents or BatchTopKLatents => options with { Decoder = DecoderRule.GuardedUnitNorm, StartAtMedian = true },
            JumpReluLatents => options with { Decoder = DecoderRule.GuardedUnitNorm, Beta1 = 0, LearningRate = 7e-5 },
            GatedLatents => options with { Decoder = DecoderRule.UnitNorm, ClipNorm = 0, Beta1 = 0, LearningRate = 5e-5, Sparsity = 0.1 },
            _ => options with { Decoder = DecoderRule.UnitNorm, ClipNorm = 0, LearningRate = 1e-3, Sparsity = 0.1 },
        };
    }

    private double RateFromFirst(int step)
    {
        if (step < WarmUp)
            return LearningRate * (step + 1) / WarmUp;
        var (end, middle) = (Schedule == RateSchedule.Constant ? LearningRate : LearningRate / 10, Steps - WarmUp - Decay);
        if (step >= Steps - Decay)
            return end * (1 - (double)(step - (Steps - Decay)) / Decay);
        return end + (LearningRate - end) * (1 + Math.Cos(Math.PI * (step - WarmUp) / middle)) / 2;
    }

    private double FactorFromZero(int step) => step < WarmUp ? (double)step / WarmUp
        : step >= Steps - Decay && Decay > 0 ? (double)(Steps - step) / Decay : 1;
}
