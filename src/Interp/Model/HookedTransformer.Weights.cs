namespace Interp;

using TorchSharp;
using static TorchSharp.torch;

/// <content>The weights under the field's names. Each call makes a view (or zeros where a bias is absent) that the caller disposes.</content>
public sealed partial class HookedTransformer
{
    /// <summary>Query matrices of a layer, [head, d_model, d_head].</summary>
    public Tensor WQ(int layer) => Heads(layer, 0, Config.Heads);

    /// <summary>Key matrices of a layer, [kv_head, d_model, d_head].</summary>
    public Tensor WK(int layer) => Heads(layer, Config.Heads, Config.KvHeads);

    /// <summary>Value matrices of a layer, [kv_head, d_model, d_head].</summary>
    public Tensor WV(int layer) => Heads(layer, Config.Heads + Config.KvHeads, Config.KvHeads);

    /// <summary>Output matrices of a layer, [head, d_head, d_model].</summary>
    public Tensor WO(int layer) => Weights.Blocks[layer].Attention.Output.view(Config.Heads, Config.DHead, Config.DModel);

    /// <summary>Query biases of a layer, [head, d_head].</summary>
    public Tensor BQ(int layer) => HeadBias(layer, 0, Config.Heads);

    /// <summary>Key biases of a layer, [kv_head, d_head].</summary>
    public Tensor BK(int layer) => HeadBias(layer, Config.Heads, Config.KvHeads);

    /// <summary>Value biases of a layer, [kv_head, d_head].</summary>
    public Tensor BV(int layer) => HeadBias(layer, Config.Heads + Config.KvHeads, Config.KvHeads);

    /// <summary>Output bias of a layer's attention, [d_model].</summary>
    public Tensor BO(int layer) => OrZeros(Weights.Blocks[layer].Attention.OutputBias, Config.DModel);

    /// <summary>Input matrix of a layer's MLP (the linear branch, where it is gated), [d_model, d_mlp].</summary>
    public Tensor WIn(int layer) => Branch(layer, Config.GatedMlp ? Config.DMlp : 0);

    /// <summary>Gate matrix of a layer's MLP, [d_model, d_mlp].</summary>
    /// <exception cref="InvalidOperationException">The MLPs are not gated.</exception>
    public Tensor WGate(int layer) =>
        Config.GatedMlp ? Branch(layer, 0) : throw new InvalidOperationException($"{Config.ModelName} has plain MLPs: there is no gate matrix. W_in is WIn({layer}).");

    /// <summary>Input bias of a layer's MLP, [d_mlp].</summary>
    public Tensor BIn(int layer)
    {
        var mlp = MlpOf(layer);
        return OrZeros(Config.GatedMlp ? mlp.PostBias : mlp.InBias, Config.DMlp);
    }

    /// <summary>Output matrix of a layer's MLP, [d_mlp, d_model].</summary>
    public Tensor WOut(int layer) => MlpOf(layer).Out.alias();

    /// <summary>Output bias of a layer's MLP, [d_model].</summary>
    public Tensor BOut(int layer) => OrZeros(MlpOf(layer).OutBias, Config.DModel);

    /// <summary>Token embedding, [d_vocab, d_model].</summary>
    public Tensor WE => Weights.Embedding.alias();

    /// <summary>Unembedding, [d_model, d_vocab].</summary>
    public Tensor WU => Weights.Unembedding.alias();

    /// <summary>Bias of the unembedding, [d_vocab].</summary>
    public Tensor BU => OrZeros(Weights.UnembeddingBias, Config.VocabOut);

    private Tensor Heads(int layer, int first, int count)
    {
        using var scope = NewDisposeScope();
        var columns = Weights.Blocks[layer].Attention.Qkv.narrow(1, (long)first * Config.DHead, (long)count * Config.DHead);
        return columns.unflatten(1, [count, Config.DHead]).permute(1, 0, 2).MoveToOuterDisposeScope();
    }

    private Tensor HeadBias(int layer, int first, int count)
    {
        using var scope = NewDisposeScope();
        var bias = Weights.Blocks[layer].Attention.QkvBias?.narrow(0, (long)first * Config.DHead, (long)count * Config.DHead)
            ?? OrZeros(null, (long)count * Config.DHead);
        return bias.view(count, Config.DHead).MoveToOuterDisposeScope();
    }

    private Tensor Branch(int layer, long first) => MlpOf(layer).In.narrow(1, first, Config.DMlp);

    private MlpWeights MlpOf(int layer) =>
        Weights.Blocks[layer].Mlp ?? throw new InvalidOperationException(Config.Experts > 0
            ? $"Block {layer} of {Config.ModelName} has {Config.Experts} experts in place of one MLP: take Weights.Blocks[{layer}].Experts."
            : $"{Config.ModelName} is attention-only: block {layer} has no MLP.");

    private Tensor OrZeros(Tensor? bias, long width) => bias?.alias() ?? zeros([width], dtype: Dtype, device: Device);
}
