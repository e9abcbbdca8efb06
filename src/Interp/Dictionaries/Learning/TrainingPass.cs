namespace Interp;

using TorchSharp;
using static TorchSharp.torch;

/// <summary>One training step's forward pass, as losses see it: over a whole batch, or over some rows of one.</summary>
internal sealed class TrainingPass
{
    private readonly Tensor row;
    private readonly Tensor? scale;
    private readonly Tensor? shift;

    public TrainingPass(
        SparseDictionary dictionary, LatentActivation activation, Tensor x, Tensor target, DictionaryTrainingOptions options, int step, WholeBatch? whole = null)
    {
        (Dictionary, Activation, Target, Options, Step, Whole) = (dictionary, activation, target, options, step, whole);
        (row, scale, shift) = dictionary.Normalised(x);
        Latents = dictionary.Latents(activation, row, training: true, options.Products, whole?.Norms);
        Output = Decode(Latents.Acts, dictionary.Width);
    }

    public SparseDictionary Dictionary { get; }

    public LatentActivation Activation { get; }

    public DictionaryTrainingOptions Options { get; }

    public int Step { get; }

    /// <summary>What shall come out, [rows, d_out].</summary>
    public Tensor Target { get; }

    public DictionaryLatents Latents { get; }

    /// <summary>What comes out, [rows, d_out].</summary>
    public Tensor Output { get; }

    /// <summary>The batch that these rows are some of; null where they are all.</summary>
    public WholeBatch? Whole { get; }

    /// <summary>Told which latents count as dead, [width] of bool, where these are all rows.</summary>
    public Func<TrainingPass, Tensor>? DeadMask { get; init; }

    public Tensor Dead => field ??= Whole?.Dead ?? DeadMask!(this);

    public int DeadCount => dead ??= (int)Dead.sum().ToInt64();

    private int? dead;

    /// <summary>Sparsity penalty times its warm-up.</summary>
    public double Sparsity => Options.Sparsity * Options.SparsityAt(Step) * SparsityFactor;

    /// <summary>What steers L0.</summary>
    public double SparsityFactor { get; init; } = 1;

    /// <summary>|W_dec|, [width].</summary>
    public Tensor Norms => Whole?.Norms ?? Dictionary.DecoderNorms();

    /// <summary>Σ |y - ȳ|² of the batch, a scalar.</summary>
    public Tensor Spread => Whole?.Spread ?? (Target - Target.mean([0L], keepdim: true)).square().sum();

    /// <summary>What latents give back: first <paramref name="width"/> of them, in the input's units.</summary>
    public Tensor Decode(Tensor latents, int width)
    {
        var output = Dictionary.Decoded(latents, width, Options.Products, Whole?.Norms);
        if (Dictionary.Weights.Skip is { } skip)
            output = output + row.matmul(skip);
        return SparseDictionary.Restored(output, scale, shift);
    }

    /// <summary>Which latents fired in this batch, [width] of bool.</summary>
    public Tensor Fired() => (Options.Recipe == DictionaryRecipe.SaeLens || Latents.Selected is null ? Latents.Acts.detach() > 0 : Latents.Selected).any(0);

    /// <summary>The sum of all latents' directions, with the bias, in the weights' own type.</summary>
    public Tensor Decoded(Tensor latents) => Dictionary.Decoded(latents, Dictionary.Width, norms: Whole?.Norms);

    /// <summary>What these rows bring to the mean over the batch's, a scalar.</summary>
    /// <param name="perRow">[rows].</param>
    public Tensor Mean(Tensor perRow) => Whole is null ? perRow.mean() : perRow.sum() / Whole.Rows;

    /// <summary>Mean over rows of the sum of squared errors, a scalar.</summary>
    public Tensor Squares(Tensor output) => SquaresTo(output, Target);

    /// <inheritdoc cref="Squares"/>
    public Tensor SquaresTo(Tensor output, Tensor target) => Mean((output - target).square().sum(-1));

    /// <summary>Values of the largest dead latents of each row, zero elsewhere, [rows, width].</summary>
    public Tensor LargestDead(Tensor values, int count)
    {
        var masked = values.detach().masked_fill(Dead.logical_not(), double.NegativeInfinity);
        return values * TopKLatents.Chosen(masked, count).to(values.dtype);
    }
}
