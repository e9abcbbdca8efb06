namespace Interp;

using static TorchSharp.torch;

/// <summary>A model's weights under TransformerLens's names.</summary>
public static class TransformerLensExport
{
    /// <summary>The weights as TransformerLens's state dictionary holds them: per head, biases that the model lacks as zeros.</summary>
    /// <param name="model">The model.</param>
    /// <returns>Names and tensors (contiguous copies), for example to <see cref="Safetensors.Write"/>; the caller disposes the table.</returns>
    /// <exception cref="InvalidOperationException">The model has a bias inside a gate, which that layout cannot hold.</exception>
    public static TensorTable ToTransformerLens(this HookedTransformer model)
    {
        ArgumentNullException.ThrowIfNull(model);
        using var noGradient = no_grad();
        var table = new TensorTable();
        void Add(string name, Tensor view)
        {
            using (view)
                table.Add(name, view.contiguous().clone().DetachFromDisposeScope());
        }
        Add("embed.W_E", model.WE);
        AddNorm(model, model.Weights.EmbeddingNorm, "embed.ln.", Add);
        if (model.Weights.Positions is { } positions)
            Add("pos_embed.W_pos", positions.alias());
        for (var layer = 0; layer < model.Config.Layers; layer++)
            AddBlock(model, layer, $"blocks.{layer}.", Add);
        AddNorm(model, model.Weights.FinalNorm, "ln_final.", Add);
        Add("unembed.W_U", model.WU);
        Add("unembed.b_U", model.BU);
        return table;
    }

    private static void AddBlock(HookedTransformer model, int layer, string prefix, Action<string, Tensor> add)
    {
        var weights = model.Weights.Blocks[layer];
        AddNorm(model, weights.Norm1, prefix + "ln1.", add);
        AddNorm(model, weights.PostNorm1, prefix + "ln1_post.", add);
        AddNorm(model, weights.Norm2, prefix + "ln2.", add);
        AddNorm(model, weights.PostNorm2, prefix + "ln2_post.", add);
        AddAttention(model, layer, prefix + "attn.", add);
        if (weights.Mlp is not null)
            AddMlp(model, weights.Mlp, layer, prefix + "mlp.", add);
        if (weights.Experts is not null)
            AddExperts(model, weights.Experts, prefix + "mlp.", add);
    }

    // TransformerLens keeps these as linear layers, [out, in].
    private static void AddExperts(HookedTransformer model, ExpertWeights weights, string prefix, Action<string, Tensor> add)
    {
        add(prefix + "W_gate.weight", weights.Router.t());
        for (var e = 0; e < weights.Experts.Length; e++)
        {
            using var matrix = weights.Experts[e].In.t(); // [2 d_mlp, d_model]
            add($"{prefix}experts.{e}.W_gate.weight", matrix.narrow(0, 0, model.Config.DMlp));
            add($"{prefix}experts.{e}.W_in.weight", matrix.narrow(0, model.Config.DMlp, model.Config.DMlp));
            add($"{prefix}experts.{e}.W_out.weight", weights.Experts[e].Out.t());
        }
    }

    private static void AddAttention(HookedTransformer model, int layer, string prefix, Action<string, Tensor> add)
    {
        var group = model.Config.KvHeads == model.Config.Heads ? prefix : prefix + "_";
        add(prefix + "W_Q", model.WQ(layer));
        add(group + "W_K", model.WK(layer));
        add(group + "W_V", model.WV(layer));
        add(prefix + "W_O", model.WO(layer));
        add(prefix + "b_Q", model.BQ(layer));
        add(group + "b_K", model.BK(layer));
        add(group + "b_V", model.BV(layer));
        add(prefix + "b_O", model.BO(layer));
        var attention = model.Weights.Blocks[layer].Attention;
        if (attention.QueryNorm is { } query)
            add(prefix + "q_norm.w", query.alias());
        if (attention.KeyNorm is { } key)
            add(prefix + "k_norm.w", key.alias());
    }

    private static void AddMlp(HookedTransformer model, MlpWeights weights, int layer, string prefix, Action<string, Tensor> add)
    {
        if (model.Config.GatedMlp && weights.InBias is not null)
            throw new InvalidOperationException($"Block {layer} of '{model.Config.ModelName}' has a bias inside its gate, and TransformerLens's layout has no place for it.");
        if (model.Config.GatedMlp)
            add(prefix + "W_gate", model.WGate(layer));
        add(prefix + "W_in", model.WIn(layer));
        add(prefix + "b_in", model.BIn(layer));
        add(prefix + "W_out", model.WOut(layer));
        add(prefix + "b_out", model.BOut(layer));
        AddNorm(model, weights.InnerNorm, prefix + "ln.", add);
    }

    private static void AddNorm(HookedTransformer model, NormWeights? norm, string prefix, Action<string, Tensor> add)
    {
        if (norm is null)
            return;
        add(prefix + "w", norm.Gain.alias());
        if (norm.Bias is not null)
            add(prefix + "b", norm.Bias.alias());
        else if (model.Config.Norm is NormKind.LayerNorm or NormKind.LayerNormPre)
            add(prefix + "b", zeros_like(norm.Gain));
    }
}
