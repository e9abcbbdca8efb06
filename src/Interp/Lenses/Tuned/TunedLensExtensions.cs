namespace Interp;

using TorchSharp;
using static TorchSharp.torch;

/// <summary>Reading with a tuned lens.</summary>
public static class TunedLensExtensions
{
    /// <summary>Reads every captured residual stream at a block's beginning or end through its translator, the final norm and the unembedding.</summary>
    /// <remarks>The stream behind the last block has no translator: its row, <c>final_post</c>, is the model's answer. Streams between attention and MLP have none either and are left out.</remarks>
    /// <param name="run">A run with captured <c>ResidPre</c> or <c>ResidPost</c>.</param>
    /// <param name="lens">The lens.</param>
    /// <param name="positions">Where to read; all captured positions by default.</param>
    /// <returns>The readings, which the caller disposes.</returns>
    /// <exception cref="InvalidOperationException">No residual stream was captured.</exception>
    /// <exception cref="ArgumentException">The lens is of another shape than the model.</exception>
    public static LogitLens TunedLens(this Run run, TunedLens lens, Indices positions = default)
    {
        ArgumentNullException.ThrowIfNull(lens);
        lens.Check(run.Model);
        LensRow[] rows = [.. Rows(run.Cache, lens)];
        if (rows.Length == 0)
            throw new InvalidOperationException("No residual stream was captured at the ends of a block: add Capture(ResidPre, ResidPost) to the run.");
        return LensExtensions.Read(run.Cache, rows, positions, RowNorm.Recomputed, "tuned lens");
    }

    /// <summary>Compares a lens with the logit lens on texts, which should be others than those it was trained on.</summary>
    /// <param name="lens">The lens.</param>
    /// <param name="model">The model it was trained on.</param>
    /// <param name="batches">The texts, read one batch after the other.</param>
    /// <param name="cancellation">Ends the evaluation between two batches.</param>
    /// <exception cref="ArgumentException">The lens is of another shape than the model.</exception>
    /// <exception cref="InvalidOperationException">There are no texts.</exception>
    public static LensEvaluation Evaluate(
        this TunedLens lens, HookedTransformer model, IEnumerable<RunInput> batches, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(lens);
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(batches);
        lens.Check(model);
        using var evaluator = new LensEvaluator(lens, model);
        foreach (var batch in batches)
            evaluator.Add(batch, cancellation);
        return evaluator.Result();
    }

    private static IEnumerable<LensRow> Rows(ActivationCache cache, TunedLens lens)
    {
        for (var layer = 0; layer <= lens.Config.Layers; layer++)
        {
            HookName[] same = [new(Sites.ResidPre, layer), new(Sites.ResidPost, layer - 1)]; // one stream under two names
            var found = same.Where(name => name.Layer >= 0 && name.Layer < lens.Config.Layers && cache.Contains(name)).ToArray();
            if (found.Length == 0)
                continue;
            var (row, translator) = (LensRows.Whole(cache, found[0]), layer);
            yield return layer == lens.Config.Layers ? row : new LensRow(row.Label, positions =>
            {
                using var scope = NewDisposeScope();
                return lens.Translate(row.Read(positions), translator).MoveToOuterDisposeScope();
            });
        }
    }
}
