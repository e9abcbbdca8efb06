namespace Interp;

using TorchSharp;
using static TorchSharp.torch;

/// <summary>The constants that a model's layers write.</summary>
public static class BiasExtensions
{
    /// <summary>The sum of the output biases of all sublayers before a reader.</summary>
    /// <param name="model">The model.</param>
    /// <param name="layer">Layers before this one; null: all.</param>
    /// <param name="mlpInput">Whether the attention bias of <paramref name="layer"/> itself counts.</param>
    /// <param name="includeMlp">Whether MLP biases count.</param>
    /// <returns>[d_model], which the caller disposes.</returns>
    public static Tensor AccumulatedBias(this HookedTransformer model, Index? layer = null, bool mlpInput = false, bool includeMlp = true)
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        var end = layer?.GetOffset(model.Config.Layers) ?? model.Config.Layers;
        var sum = zeros([model.Config.DModel], dtype: model.Dtype, device: model.Device);
        for (var l = 0; l < end; l++)
        {
            sum = sum + model.BO(l);
            if (includeMlp && model.Weights.Blocks[l].Mlp is not null)
                sum = sum + model.BOut(l);
        }
        return (mlpInput && end < model.Config.Layers ? sum + model.BO(end) : sum).MoveToOuterDisposeScope();
    }
}
