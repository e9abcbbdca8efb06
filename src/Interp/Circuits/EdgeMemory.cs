namespace Interp;

/// <summary>How many prompts, and gradients of how many layers at a time, fit into a budget of memory.</summary>
/// <remarks>
/// A pass holds the largest of: the graph of one forward pass with the gradients taken from it; captured differences, gradients and one block
/// of target gradients [targets, batch, pos, d_model] with the sources of one layer. All are estimated from the model's description, upwards.
/// </remarks>
internal sealed class EdgeMemory
{
    private readonly TransformerConfig config;
    private readonly long positions;
    private readonly long logits;
    private readonly long element;

    private EdgeMemory(Contrast contrast)
    {
        config = contrast.Model.Config;
        (positions, element) = (contrast.Base.Length, contrast.Model.Weights.Embedding.element_size());
        logits = contrast.Metric.Positions.IsSingle || contrast.Metric.Positions.IsPerRow ? 1 : positions;
    }

    private long Heads => (long)config.Heads * config.DHead;

    private long Keys => (long)config.KvHeads * config.DHead;

    private long Targets => config.Heads + 2L * config.KvHeads + (config.AttentionOnly ? 0 : 1);

    private long Mlp => config.AttentionOnly ? 0 : config.DMlp;

    /// <summary>What is kept from both runs, per prompt: the source's values or differences at every site that nodes write.</summary>
    private long Written => positions * (config.DModel + config.Layers * (Heads + (config.AttentionOnly ? 0L : config.DModel)));

    /// <summary>Activations and gradients that the gradient run leaves, per prompt.</summary>
    private long Kept => Written + positions * (config.DModel + config.Layers * (3L * config.DModel + 2 * Heads + 4 * Keys));

    /// <summary>The graph of one forward pass, the block being differentiated and the logits, per prompt.</summary>
    private long Graph =>
        positions * (config.Layers + 1) * (9L * config.DModel + 5 * Heads + 6 * Keys + (config.GatedMlp ? 6 : 4) * Mlp)
        + 4L * positions * positions * config.Heads * (config.Layers + 1) + 4 * logits * config.VocabOut;

    private long Sources => 2 * positions * config.DModel * (config.Heads + 1L);

    private long Block(int layers) => positions * config.DModel * (layers * Targets + 1 + 3L * config.Heads);

    /// <summary>Prompts in a pass, and layers in a block of target gradients.</summary>
    /// <exception cref="ArgumentException">The budget is too small for one prompt.</exception>
    public static (int Prompts, int Layers) Plan(Contrast contrast, EdgeOptions options)
    {
        var memory = new EdgeMemory(contrast);
        var least = memory.Bytes(1, 1);
        if (options.MemoryBudget < least)
            throw new ArgumentException(
                $"One prompt of {contrast.Base.Length} tokens needs about {least:N0} bytes, the budget is {options.MemoryBudget:N0}. Give at least that (EdgeOptions.MemoryBudget), or shorter prompts.",
                nameof(options));
        var prompts = Math.Min(contrast.Base.Batch, options.MemoryBudget / least);
        var layers = memory.config.Layers + 1;
        while (layers > 1 && (memory.Bytes((int)prompts, layers) > options.MemoryBudget || 2 * layers > memory.config.Layers + 1))
            layers--;
        return ((int)prompts, layers);
    }

    /// <summary>Estimated bytes of a pass.</summary>
    public long Bytes(long prompts, int layers) => element * prompts * Math.Max(Graph + Written, Kept + 2 * Written + Sources + Block(layers));
}
