namespace Interp;

using TorchSharp;
using static TorchSharp.torch;

/// <summary>Attention patterns of a run, as numbers and as pictures.</summary>
public static class AttentionExtensions
{
    /// <summary>The attention pattern of a layer, [head, query, key].</summary>
    /// <param name="run">A run with <c>Pattern</c> of the layer.</param>
    /// <param name="layer">The layer.</param>
    /// <param name="prompt">Which prompt; padding is left out.</param>
    /// <exception cref="KeyNotFoundException">The pattern was not captured.</exception>
    /// <exception cref="ArgumentOutOfRangeException">There is no such layer or prompt.</exception>
    public static LabelledArray Pattern(this Run run, Index layer, int prompt = 0)
    {
        using var scope = NewDisposeScope();
        var name = new HookName(Sites.Pattern, HeadCircuitExtensions.Checked(run.Model, layer));
        var pattern = run.Cache[name];
        Shape.Check(pattern, "batch head query key", name.ToString());
        ArgumentOutOfRangeException.ThrowIfNegative(prompt);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(prompt, pattern.shape[0]);
        var row = prompt % run.Input.Batch;
        int[] real = [.. Enumerable.Range(0, run.Input.Length).Where(i => run.Input.Mask is not { } mask || mask[row][i])];
        var places = tensor(real.Select(i => (long)i).ToArray(), device: pattern.device);
        var chosen = pattern.select(0, prompt).index_select(1, places).index_select(2, places); // [head, query, key]
        var ids = run.Input.Rows[row]; // without padding, unless the input was given as a tensor with a mask
        var tokens = real.Select((column, i) => run.Model.TokenText(ids[ids.Length == run.Input.Length ? column : i])).ToArray();
        return new LabelledArray(
            [new Axis("head", (int)chosen.shape[0]), new Axis("query", tokens), new Axis("key", tokens)], chosen.Doubles(), "attention",
            new Provenance { Model = run.Model.Config.ModelName, Method = $"attention pattern of layer {name.Layer}" });
    }

    /// <summary>Draws the attention pattern of a layer.</summary>
    /// <param name="run">A run with <c>Pattern</c> of the layer.</param>
    /// <param name="layer">The layer.</param>
    /// <param name="prompt">Which prompt.</param>
    /// <param name="title">The title; by default names the layer.</param>
    /// <exception cref="KeyNotFoundException">The pattern was not captured.</exception>
    public static Figure Attention(this Run run, Index layer, int prompt = 0, string? title = null) =>
        run.Pattern(layer, prompt).AttentionPattern(title ?? $"Attention of layer {HeadCircuitExtensions.Checked(run.Model, layer)}");
}
