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

    private long Mlp => config.AttentionOnly ? 0 : config.DMlp;

    /// <summary>Two copies of one layer's query, key and value matrices, and one of the MLP's.</summary>
    private long Fixed => element * config.DModel * (2 * (Heads + 2 * Keys) + 64);

    /// <summary>What is kept from both runs, per prompt: the source's values or differences at every site that nodes write.</summary>
    private long Written => positions * (config.DModel + config.Layers * (Heads + (config.AttentionOnly ? 0L : config.DModel)));

    /// <summary>Activations and gradients that the gradient run leaves, per prompt.</summary>
    private long Kept => Written + positions * (config.DModel + config.Layers * (3L * config.DModel + 2 * Heads + 4 * Keys));

    /// <summary>The graph of one forward pass, the block being differentiated and the logits, per prompt.</summary>
    private long Graph =>
        positions * (config.Layers + 1) * (9L * config.DModel + 5 * Heads + 6 * Keys + (config.GatedMlp ? 6 : 4) * Mlp)
        + 4L * positions * positions * config.Heads * (config.Layers + 1) + 4 * logits * config.VocabOut;

    // Made from z, then joined with what the MLP writes.
    private long Sources(int layers) => 2 * positions * config.DModel * (layers * (config.Heads + 1L) + 1);

    // Gradients of some layers' heads, one layer in the making, and those of MLPs and logits.
    private long Targets(int layers) => positions * config.DModel * ((layers + 1L) * (config.Heads + 2L * config.KvHeads) + 2 * (config.Layers + 1));

    /// <summary>Prompts in a pass, and layers whose target gradients and sources stand side by side.</summary>
    /// <exception cref="ArgumentException">The budget is too small for one prompt.</exception>
    public static (int Prompts, Blocks Blocks) Plan(Contrast contrast, EdgeOptions options)
    {
        var memory = new EdgeMemory(contrast);
        var least = memory.Bytes(1, new Blocks(1, 1));
        if (options.MemoryBudget < least)
            throw new ArgumentException(
                $"One prompt of {contrast.Base.Length} tokens needs about {least:N0} bytes, the budget is {options.MemoryBudget:N0}. Give at least that (EdgeOptions.MemoryBudget), or shorter prompts.",
                nameof(options));
        var prompts = Math.Min(contrast.Base.Batch, options.MemoryBudget / least);
        // Products of few rows are slow; the sources are never whole all the same.
        var sources = Math.Clamp((memory.config.Layers + 1) / 2, 1, 4);
        var blocks = new Blocks(memory.config.Layers, sources);
        while (blocks is not (1, 1) && memory.Bytes(prompts, blocks) > options.MemoryBudget)
            blocks = blocks.Targets > 1 ? blocks with { Targets = blocks.Targets - 1 } : blocks with { Sources = blocks.Sources - 1 };
        return ((int)prompts, blocks);
    }

    private long Bytes(long prompts, Blocks blocks) =>
        element * prompts * Math.Max(Graph + Written, Kept + 2 * Written + Sources(blocks.Sources) + Targets(blocks.Targets))
        + Fixed;

    /// <summary>How many layers' target gradients, and how many layers' sources, are there at a time.</summary>
    internal readonly record struct Blocks(int Targets, int Sources);
}
