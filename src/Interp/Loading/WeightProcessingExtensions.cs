namespace Interp;

using static TorchSharp.torch;

/// <summary>Processed copies of models.</summary>
public static class WeightProcessingExtensions
{
    /// <summary>A second model with rewritten weights: same log-probabilities, easier to read. It shares the storage of what no step touches.</summary>
    /// <param name="model">The model; it stays as it is.</param>
    /// <param name="processing">Which steps; <see cref="WeightProcessing.TransformerLens"/> for that library's default.</param>
    /// <returns>The second model, which the caller disposes; the first may be disposed before it.</returns>
    /// <exception cref="ArgumentException">A step that this model does not allow (refactoring with rotary positions or grouped queries), or the
    /// model has an attention or MLP that is not the library's.</exception>
    public static HookedTransformer Process(this HookedTransformer model, WeightProcessing processing)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(processing);
        RefuseReplacedParts(model);
        using var noGradient = no_grad();
        using var scope = NewDisposeScope();
        var (config, weights) = WeightProcessor.Process(model.Config, model.Weights.Map(tensor => tensor.alias()), processing);
        var processed = HookedTransformer.Create(config, weights, model.Tokenizer);
        foreach (var (_, tensor) in weights.Tensors())
            tensor.DetachFromDisposeScope();
        return processed;
    }

    /// <exception cref="ArgumentException">Some attention or MLP is not the library's.</exception>
    internal static void RefuseReplacedParts(HookedTransformer model)
    {
        if (model.Blocks.Any(block => block.Attention is not Attention || block.Mlp is not (null or Mlp or ExpertMlp)) || !model.Splices.IsEmpty)
            throw new ArgumentException("This model has replaced parts, whose weights are not known here: take the original model and replace the parts afterwards.", nameof(model));
    }
}
