namespace Interp;

using TorchSharp;
using static TorchSharp.torch;

/// <summary>A sparse dictionary: an autoencoder of one hook point, or a transcoder from one to another.</summary>
/// <remarks>
/// 1. Normalise the row (or do not). 2. z = (x - b_dec)·W_enc + b_enc, times |W_dec| where the dictionary rescales. 3. f = activation(z).
/// 4. x̂ = f·W_dec + b_dec (+ x·W_skip), latents divided by |W_dec| where it rescales. 5. Undo the normalisation.
/// Rows may have any leading axes. It owns its weights; dispose it when done. Gradients flow through where the caller's mode lets them.
/// </remarks>
[TypeFormatterSource(typeof(NotebookFormatters))]
public sealed partial class SparseDictionary : IDisposable
{
    private const double LayerNormEpsilon = 1e-5;

    private SparseDictionary(DictionaryConfig config, DictionaryWeights weights, double? threshold) =>
        (Config, Weights, BatchThreshold) = (config, weights, threshold);

    /// <summary>What it is.</summary>
    public DictionaryConfig Config { get; internal set; }

    /// <summary>Its weights. They belong to it.</summary>
    public DictionaryWeights Weights { get; }

    /// <summary>The threshold that a BatchTopK dictionary uses outside training, in units of its latents; null before it is known.</summary>
    /// <remarks>dictionary_learning keeps one for TopK too: the mean over rows of the smallest active latent. TopK itself does not use it.</remarks>
    public double? BatchThreshold { get; internal set; }

    /// <summary>Number of latents.</summary>
    public int Width => Config.Width;

    /// <summary>The weights' data type.</summary>
    public ScalarType Dtype => Weights.Decoder.dtype;

    /// <summary>Where the weights are.</summary>
    public Device Device => Weights.Decoder.device;

    /// <summary>A dictionary over given weights, which become its own.</summary>
    /// <param name="config">What it is.</param>
    /// <param name="weights">Its weights.</param>
    /// <param name="batchThreshold">The threshold of a BatchTopK dictionary, or null.</param>
    /// <exception cref="ArgumentException">The description does not hold together, or a weight has another shape.</exception>
    public static SparseDictionary Create(DictionaryConfig config, DictionaryWeights weights, double? batchThreshold = null)
    {
        ArgumentNullException.ThrowIfNull(weights);
        weights.Check(config.Validated());
        return new SparseDictionary(config, weights, batchThreshold);
    }

    /// <summary>Latents.</summary>
    /// <param name="x">[..., d_in].</param>
    /// <param name="training">Whether a rule that chooses over the batch shall do so.</param>
    /// <returns>[..., width].</returns>
    /// <exception cref="ArgumentException">The last axis is not d_in.</exception>
    public Tensor Encode(Tensor x, bool training = false)
    {
        using var scope = NewDisposeScope();
        return Latents(x, training).Acts.MoveToOuterDisposeScope();
    }

    /// <summary>Latents together with the pre-activations they came from, in the current dispose scope.</summary>
    /// <param name="x">[..., d_in].</param>
    /// <param name="training">Whether a rule that chooses over the batch shall do so.</param>
    /// <exception cref="ArgumentException">The last axis is not d_in.</exception>
    public DictionaryLatents Latents(Tensor x, bool training = false) => Latents(Config.Activation, Normalised(Checked(x)).Row, training);

    /// <summary>The sum of the latents' directions, with the bias; without skip path and without undoing a row's normalisation.</summary>
    /// <param name="latents">[..., width].</param>
    /// <returns>[..., d_out].</returns>
    /// <exception cref="ArgumentException">The last axis is not the width.</exception>
    public Tensor Decode(Tensor latents)
    {
        if (latents.shape[^1] != Width)
            throw new ArgumentException($"Latents have shape [{string.Join(", ", latents.shape)}], wanted [..., {Width}].", nameof(latents));
        using var scope = NewDisposeScope();
        return Decoded(latents, Width).MoveToOuterDisposeScope();
    }

    /// <summary>What the dictionary gives back for its input.</summary>
    /// <param name="x">[..., d_in].</param>
    /// <param name="training">Whether a rule that chooses over the batch shall do so.</param>
    /// <returns>[..., d_out].</returns>
    /// <exception cref="ArgumentException">The last axis is not d_in.</exception>
    public Tensor Reconstruct(Tensor x, bool training = false)
    {
        using var scope = NewDisposeScope();
        return DecodeFor(x, Encode(x, training)).MoveToOuterDisposeScope();
    }

    /// <summary>What given latents give back for an input: with the skip path and in the units of the input's own normalisation.</summary>
    /// <param name="x">The input that the latents belong to, [..., d_in].</param>
    /// <param name="latents">[..., width].</param>
    /// <returns>[..., d_out].</returns>
    public Tensor DecodeFor(Tensor x, Tensor latents)
    {
        using var scope = NewDisposeScope();
        var (row, scale, shift) = Normalised(Checked(x));
        var output = Decode(latents);
        if (Weights.Skip is not null)
            output = output + row.matmul(Weights.Skip);
        return Restored(output, scale, shift).MoveToOuterDisposeScope();
    }

    /// <summary>A copy, in another data type or on another device.</summary>
    /// <param name="dtype">Null for the same.</param>
    /// <param name="device">Null for the same.</param>
    public SparseDictionary To(ScalarType? dtype = null, Device? device = null)
    {
        using var noGradient = no_grad();
        return new(Config, Weights.Map((_, t) => t.detach().to(dtype ?? t.dtype, device ?? t.device, copy: true)), BatchThreshold);
    }

    /// <summary>A copy that says where it belongs: for files that do not say it, or to use it on another model on purpose.</summary>
    /// <param name="model">The model it shall be used on.</param>
    /// <param name="input">The hook point it reads; null keeps the present one.</param>
    /// <param name="output">The hook point it gives back; null for <paramref name="input"/> or, without that, the present one.</param>
    /// <exception cref="ArgumentException">The model does not have the hook points.</exception>
    public SparseDictionary For(HookedTransformer model, HookName? input = null, HookName? output = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        var config = Config with
        {
            ModelName = model.Config.ModelName, ModelFingerprint = model.Fingerprint(), Input = input ?? Config.Input, Output = output ?? input ?? Config.Output,
        };
        foreach (var name in new[] { config.Input, config.Output }.OfType<HookName>())
            _ = HookBinding.Names(model, name);
        using var noGradient = no_grad();
        return new(config, Weights.Map((_, t) => t.detach().clone()), BatchThreshold);
    }

    /// <summary>Frees the weights.</summary>
    public void Dispose() => Weights.Dispose();

    /// <inheritdoc/>
    public override string ToString() => $"{Config.Activation.Name} dictionary {Config.DIn} -> {Width} -> {Config.DOut}, {Dtype} on {Device}"
        + (Config.Input is { } input ? $", at {input}" : "");

    internal DictionaryLatents Latents(LatentActivation activation, Tensor row, bool training, ScalarType? products = null, Tensor? norms = null)
    {
        var (projected, pre) = Preactivations(row, products, norms);
        return activation.Apply(new LatentInput(projected, pre, Weights.Latent, training, BatchThreshold));
    }

    /// <summary>Latents from pre-activations.</summary>
    internal Tensor Activated(Tensor projected, Tensor pre) =>
        Config.Activation.Apply(new LatentInput(projected, pre, Weights.Latent, false, BatchThreshold)).Acts;

    /// <summary>x·W_enc and pre-activations of a normalised row; <paramref name="norms"/> are the decoder's, where they are known already.</summary>
    internal (Tensor Projected, Tensor Pre) Preactivations(Tensor row, ScalarType? products = null, Tensor? norms = null)
    {
        var centred = Config.CentreInput ? row - Weights.DecoderBias : row;
        var projected = Product(centred, Weights.Encoder, products); // [..., width]
        var pre = projected + Weights.EncoderBias;
        return (projected, Config.RescaleByDecoderNorm ? pre * (norms ?? DecoderNorms()) : pre);
    }

    /// <summary>The sum of the directions of the first latents, with the bias.</summary>
    internal Tensor Decoded(Tensor latents, int width, ScalarType? products = null, Tensor? norms = null)
    {
        var (part, rows) = width == Width ? (latents, Weights.Decoder) : (latents.narrow(-1, 0, width), Weights.Decoder.narrow(0, 0, width));
        if (Config.RescaleByDecoderNorm)
            part = part / (width == Width ? norms ?? DecoderNorms() : (norms ?? DecoderNorms()).narrow(0, 0, width));
        return Product(part, rows, products) + Weights.DecoderBias; // [..., d_out]
    }

    private static Tensor Product(Tensor left, Tensor right, ScalarType? type) =>
        type is { } narrow ? left.to(narrow).matmul(right.to(narrow)).to(left.dtype) : left.matmul(right);

    /// <summary>|W_dec|, [width].</summary>
    internal Tensor DecoderNorms() => Weights.Decoder.norm(-1);

    internal (Tensor Row, Tensor? Scale, Tensor? Shift) Normalised(Tensor x)
    {
        switch (Config.Normalisation)
        {
            case InputNormalisation.LayerNorm:
                var mean = x.mean([-1L], keepdim: true);
                var centred = x - mean;
                var deviation = x.std(-1, unbiased: true, keepdim: true);
                return (centred / (deviation + LayerNormEpsilon), deviation, mean);
            case InputNormalisation.ConstantNorm:
                var factor = Math.Sqrt(Config.DIn) / x.norm(-1, keepdim: true);
                return (x * factor, 1 / factor, null);
            default:
                return (x, null, null);
        }
    }

    internal static Tensor Restored(Tensor output, Tensor? scale, Tensor? shift)
    {
        if (scale is not null)
            output = output * scale;
        return shift is null ? output : output + shift;
    }

    private Tensor Checked(Tensor x) => x.shape.Length > 0 && x.shape[^1] == Config.DIn
        ? x
        : throw new ArgumentException($"The input has shape [{string.Join(", ", x.shape)}], this dictionary reads [..., {Config.DIn}].", nameof(x));
}
