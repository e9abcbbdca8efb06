namespace Interp;

using Interp.Extending;
using static TorchSharp.torch;

/// <summary>Reads matrices whose rows are ordered head, then query, key or value, then d_head (GPT-NeoX, BLOOM).</summary>
internal static class InterleavedHeads
{
    /// <summary>The matrix as <see cref="AttentionWeights.Qkv"/> wants it.</summary>
    /// <returns>[d_model, 3·H·d_head].</returns>
    public static Tensor ByHead(this WeightReader reader, TransformerConfig config, string name)
    {
        using var scope = NewDisposeScope();
        var stored = reader.Read(name, 3L * config.Heads * config.DHead, config.DModel); // [head * 3 * d_head, d_model]
        var byHead = stored.view(config.Heads, 3, config.DHead, config.DModel);
        return byHead.permute(3, 1, 0, 2).reshape(config.DModel, -1).MoveToOuterDisposeScope(); // [d_model, 3 * head * d_head]
    }

    /// <summary>The bias as <see cref="AttentionWeights.QkvBias"/> wants it.</summary>
    /// <returns>[3·H·d_head].</returns>
    public static Tensor BiasByHead(this WeightReader reader, TransformerConfig config, string name)
    {
        using var scope = NewDisposeScope();
        var stored = reader.Read(name, 3L * config.Heads * config.DHead); // [head * 3 * d_head]
        return stored.view(config.Heads, 3, config.DHead).permute(1, 0, 2).reshape(-1).MoveToOuterDisposeScope(); // [3 * head * d_head]
    }
}
