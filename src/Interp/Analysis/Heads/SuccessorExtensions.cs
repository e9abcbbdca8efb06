namespace Interp;

using Interp.Extending;
using TorchSharp;
using static TorchSharp.torch;

/// <summary>Finds heads that count: those whose weights lead from a token to the next in an order, such as from Monday to Tuesday.</summary>
public static class SuccessorExtensions
{
    /// <summary>The share of an ordered list's tokens for which a head's circuit ranks the next one first among the list, [layer, head].</summary>
    /// <remarks>
    /// Gould et al. 2024, "Successor Heads": W_U · OV · MLP_0(W_E), from weights alone. 1. Each token's embedding passes the first MLP behind
    /// its norm (or stays, on models without MLPs). 2. It passes the norm before the head's attention, then W_V and W_O. 3. It passes the final
    /// norm and W_U. 4. The largest logit among the list's tokens should be the next token's. Biases of attention and positions are left out.
    /// </remarks>
    /// <param name="model">The model.</param>
    /// <param name="ordered">The tokens in their order.</param>
    /// <exception cref="ArgumentException">There are fewer than two tokens, or one stands twice.</exception>
    /// <exception cref="ArgumentOutOfRangeException">There is no such token.</exception>
    public static LabelledArray SuccessorScores(this HookedTransformer model, IReadOnlyList<int> ordered)
    {
        ArgumentNullException.ThrowIfNull(ordered);
        if (ordered.Count < 2 || ordered.Distinct().Count() != ordered.Count)
            throw new ArgumentException($"Succession needs at least two tokens, each once; got {ordered.Count}, {ordered.Distinct().Count()} of them different.", nameof(ordered));
        if (ordered.FirstOrDefault(t => t < 0 || t >= Math.Min(model.Config.DVocab, model.Config.VocabOut), -1) is var wrong and not -1)
            throw new ArgumentOutOfRangeException(nameof(ordered), $"Token {wrong}: {model.Config.ModelName} has {model.Config.DVocab} tokens (0-{model.Config.DVocab - 1}).");
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        var ids = tensor(ordered.Select(t => (long)t).ToArray(), device: model.Device);
        var context = new ForwardContext(model, new ListenerTable(model.Config.Layers)) { Batch = 1, Positions = ordered.Count };
        var x = Effective(model, context, model.WE.index_select(0, ids).unsqueeze(0)); // [1, token, d_model]
        List<double> scores = [];
        for (var layer = 0; layer < model.Config.Layers; layer++)
        {
            using var step = NewDisposeScope();
            using var circuit = model.OV(layer);
            var written = circuit.LeftTimes(model.Blocks[layer].Norm1.Forward(context, layer, x)); // [head, token, d_model]
            var logits = LensExtensions.Ending(model, written).index_select(-1, ids); // [head, token, token]
            var best = logits.argmax(-1).narrow(1, 0, ordered.Count - 1); // [head, token - 1]
            scores.AddRange(best.eq(arange(1, ordered.Count, device: model.Device)).to(ScalarType.Float64).mean([1]).Doubles());
        }
        return new LabelledArray(
            [new Axis("layer", model.Config.Layers), new Axis("head", model.Config.Heads)], scores.ToArray(), "successor score",
            new Provenance { Model = model.Config.ModelName, Method = "OV circuit behind the first MLP" });
    }

    private static Tensor Effective(HookedTransformer model, ForwardContext context, Tensor embedded)
    {
        var x = model.EmbeddingNorm?.Forward(context, -1, embedded) ?? embedded;
        return model.Blocks[0] is { Mlp: { } mlp, Norm2: { } norm } ? mlp.Forward(context, 0, norm.Forward(context, 0, x)) : x;
    }
}
