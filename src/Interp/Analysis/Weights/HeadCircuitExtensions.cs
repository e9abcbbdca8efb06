namespace Interp;

using TorchSharp;
using static TorchSharp.torch;

/// <summary>The circuits of attention heads as factored matrices (Elhage et al. 2021, "A Mathematical Framework for Transformer Circuits").</summary>
/// <remarks>Biases are left out. With grouped queries every query head has its group's key and value matrices.</remarks>
public static class HeadCircuitExtensions
{
    /// <summary>What a head writes for what it reads: W_V·W_O of every head of a layer, [head, d_model, d_model]; the caller disposes it.</summary>
    public static FactoredMatrix OV(this HookedTransformer model, Index layer)
    {
        using var scope = NewDisposeScope();
        var l = Checked(model, layer);
        return FactoredMatrix.Owned(Spread(model, model.WV(l)), model.WO(l));
    }

    /// <summary>What a head's query looks for in a key: W_Q·W_Kᵀ of every head of a layer, [head, d_model, d_model]; the caller disposes it.</summary>
    /// <remarks>Before rotary, which puts a rotation by the distance between the factors; not divided by the root of d_head.</remarks>
    public static FactoredMatrix QK(this HookedTransformer model, Index layer)
    {
        using var scope = NewDisposeScope();
        var l = Checked(model, layer);
        return FactoredMatrix.Owned(model.WQ(l), Spread(model, model.WK(l)).transpose(-2, -1));
    }

    /// <summary>From tokens to logits through a head: W_E·W_V·W_O·W_U, [head, d_vocab, d_vocab]; the caller disposes it.</summary>
    public static FactoredMatrix FullOV(this HookedTransformer model, Index layer)
    {
        using var scope = NewDisposeScope();
        var l = Checked(model, layer);
        return FactoredMatrix.Owned(matmul(model.WE, Spread(model, model.WV(l))), matmul(model.WO(l), model.WU));
    }

    /// <summary>From query token to key token through a head: W_E·W_Q·W_Kᵀ·W_Eᵀ, [head, d_vocab, d_vocab]; the caller disposes it.</summary>
    public static FactoredMatrix FullQK(this HookedTransformer model, Index layer)
    {
        using var scope = NewDisposeScope();
        var l = Checked(model, layer);
        return FactoredMatrix.Owned(matmul(model.WE, model.WQ(l)), matmul(model.WE, Spread(model, model.WK(l))).transpose(-2, -1));
    }

    /// <summary>How much each head copies, [layer, head]: the sum of its OV circuit's eigenvalues over the sum of their magnitudes, -1 to 1.</summary>
    /// <param name="model">The model.</param>
    /// <param name="full">Whether the circuit runs from tokens to logits; else from residual stream to residual stream.</param>
    public static LabelledArray CopyingScores(this HookedTransformer model, bool full = false)
    {
        using var noGradient = no_grad();
        List<double> scores = [];
        for (var layer = 0; layer < model.Config.Layers; layer++)
        {
            using var circuit = full ? model.FullOV(layer) : model.OV(layer);
            scores.AddRange(circuit.Eigenvalues().Select(l => l.Sum(v => v.Real) / l.Sum(v => v.Magnitude)));
        }
        return new LabelledArray(
            [new Axis("layer", model.Config.Layers), new Axis("head", model.Config.Heads)], scores.ToArray(), "eigenvalues: sum / sum of magnitudes",
            new Provenance { Model = model.Config.ModelName, Method = full ? "full OV circuit" : "OV circuit" });
    }

    /// <summary>Matrices of key-value heads as query heads see them, [head, ..].</summary>
    internal static Tensor Spread(HookedTransformer model, Tensor perKvHead) =>
        model.Config.KvHeads == model.Config.Heads ? perKvHead : perKvHead.repeat_interleave(model.Config.Heads / model.Config.KvHeads, 0);

    internal static int Checked(HookedTransformer model, Index layer)
    {
        var offset = layer.GetOffset(model.Config.Layers);
        return offset >= 0 && offset < model.Config.Layers
            ? offset
            : throw new ArgumentOutOfRangeException(nameof(layer), $"No layer {offset}: {model.Config.ModelName} has {model.Config.Layers} (0-{model.Config.Layers - 1}).");
    }
}
