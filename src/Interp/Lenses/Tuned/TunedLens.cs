namespace Interp;

using TorchSharp;
using static TorchSharp.torch;

/// <summary>An affine translator for each layer's residual stream, trained so that the unembedding reads from it what the model will say.</summary>
/// <remarks>
/// Belrose et al. 2023, "Eliciting Latent Predictions from Transformers with the Tuned Lens", in its published parametrisation:
/// h becomes h + h·Wᵀ + b, W and b zero at first, when the lens is the logit lens. Translator l reads the stream before block l; the stream
/// behind the last block needs none. The lens owns its weights; dispose it when done.
/// </remarks>
[TypeFormatterSource(typeof(NotebookFormatters))]
public sealed partial class TunedLens : IDisposable
{
    private readonly Tensor[] weights;
    private readonly Tensor[] biases;

    internal TunedLens(TunedLensConfig config, Tensor[] weights, Tensor[] biases) => (Config, this.weights, this.biases) = (config, weights, biases);

    /// <summary>What it was trained on.</summary>
    public TunedLensConfig Config { get; }

    /// <summary>The translators' matrices, output by input as PyTorch's linear layers have them, each [d_model, d_model].</summary>
    public IReadOnlyList<Tensor> Weights => weights;

    /// <summary>The translators' biases, each [d_model]; none on a lens without.</summary>
    public IReadOnlyList<Tensor> Biases => biases;

    /// <summary>The lens that training starts from: it changes nothing, and reads what the logit lens reads.</summary>
    /// <param name="model">The model.</param>
    /// <returns>The lens, which the caller disposes.</returns>
    public static TunedLens Zero(HookedTransformer model)
    {
        ArgumentNullException.ThrowIfNull(model);
        var (layers, width) = (model.Config.Layers, model.Config.DModel);
        Tensor Zeros(params long[] shape) => zeros(shape, dtype: model.Dtype, device: model.Device).DetachFromDisposeScope();
        return new TunedLens(
            new TunedLensConfig { BaseModel = model.Config.ModelName, DModel = width, Layers = layers },
            [.. Enumerable.Range(0, layers).Select(_ => Zeros(width, width))], [.. Enumerable.Range(0, layers).Select(_ => Zeros(width))]);
    }

    /// <summary>A residual stream translated to the last layer's.</summary>
    /// <param name="x">The stream before a block, [.., d_model].</param>
    /// <param name="layer">The block; <c>^1</c> is the last.</param>
    /// <returns>[.., d_model], which the caller disposes.</returns>
    /// <exception cref="ArgumentOutOfRangeException">There is no translator for the layer.</exception>
    public Tensor Translate(Tensor x, Index layer)
    {
        var l = layer.GetOffset(weights.Length);
        if (l < 0 || l >= weights.Length)
            throw new ArgumentOutOfRangeException(nameof(layer), $"No translator {l}: this lens has {weights.Length} (0-{weights.Length - 1}).");
        using var scope = NewDisposeScope();
        var written = x.matmul(weights[l].t());
        return (biases.Length == 0 ? x + written : x + written + biases[l]).MoveToOuterDisposeScope();
    }

    /// <summary>Frees the weights.</summary>
    public void Dispose()
    {
        foreach (var tensor in weights.Concat(biases))
            tensor.Dispose();
    }

    /// <inheritdoc/>
    public override string ToString() => $"Tuned lens of {Config.BaseModel}: {Config.Layers} translators, d_model {Config.DModel}";

    /// <summary>Refuses a model of another shape.</summary>
    internal void Check(HookedTransformer model)
    {
        if (model.Config.DModel != Config.DModel || model.Config.Layers != Config.Layers)
            throw new ArgumentException(
                $"The tuned lens of {Config.BaseModel} has {Config.Layers} translators of d_model {Config.DModel}; "
                + $"{model.Config.ModelName} has {model.Config.Layers} layers of d_model {model.Config.DModel}.", nameof(model));
    }
}
