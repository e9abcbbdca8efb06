namespace Interp;

using TorchSharp;
using static TorchSharp.torch;

/// <summary>How large a model's activations are.</summary>
public static class InputScaleExtensions
{
    /// <summary>The number that activations at a hook point are multiplied by to have a known size; <see cref="SparseDictionary.FoldInputScale"/> takes it out again.</summary>
    /// <param name="model">The model.</param>
    /// <param name="name">The hook point; heads are read side by side.</param>
    /// <param name="prompts">Batches of prompts.</param>
    /// <param name="without">Tokens whose positions are left out, such as the beginning of a sequence.</param>
    /// <param name="rule">Which size.</param>
    /// <param name="cancellation">Ends it between two runs.</param>
    /// <exception cref="ArgumentException">The model does not have the hook point, or no position is left.</exception>
    public static double InputScale(
        this HookedTransformer model, HookName name, IEnumerable<RunInput> prompts, IEnumerable<int>? without = null,
        InputScaleRule rule = InputScaleRule.MeanLength, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(prompts);
        int[] excluded = [.. without ?? []];
        var (lengths, squares, rows, width) = (0.0, 0.0, 0L, 0L);
        foreach (var batch in prompts)
        {
            using var scope = NewDisposeScope();
            using var noGradient = no_grad();
            using var run = model.On(batch).Capture(name).WithoutLogits().Run(cancellation);
            var x = ActivationStream.Rows(run[name], batch, excluded).to(ScalarType.Float64); // [rows, d]
            lengths += x.norm(-1).sum().ToDouble();
            squares += x.square().sum().ToDouble();
            (rows, width) = (rows + x.shape[0], x.shape[1]);
        }
        if (rows == 0 || squares == 0)
            throw new ArgumentException($"There is no activation at {name} to measure: {rows} positions, all of length zero or excluded.", nameof(prompts));
        return rule == InputScaleRule.MeanLength ? Math.Sqrt(width) * rows / lengths : Math.Sqrt(rows / squares);
    }
}
