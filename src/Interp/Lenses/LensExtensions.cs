namespace Interp;

using Interp.Extending;
using TorchSharp;
using static TorchSharp.torch;

/// <summary>The logit lens.</summary>
public static class LensExtensions
{
    /// <summary>Reads every captured residual stream as if it were the last: final norm with its own statistics, unembedding, soft cap.</summary>
    /// <remarks>
    /// The last row is the model's own logits. Rows are whatever was captured of <c>ResidPre</c>, <c>ResidMid</c> and <c>ResidPost</c>; capture
    /// them at some positions only, or give positions, to unembed no others: the logits take rows x prompts x positions x d_vocab numbers.
    /// </remarks>
    /// <param name="run">A run with captured residual streams.</param>
    /// <param name="positions">Where to read; all captured positions by default.</param>
    /// <returns>The readings, which the caller disposes.</returns>
    /// <exception cref="InvalidOperationException">No residual stream was captured.</exception>
    public static LogitLens LogitLens(this Run run, Indices positions = default) => Read(run.Cache, positions, RowNorm.Recomputed);

    /// <inheritdoc cref="LogitLens(Run, Indices)"/>
    public static LogitLens LogitLens(this ActivationCache cache, Indices positions = default) => Read(cache, positions, RowNorm.Recomputed);

    /// <summary>Reads every captured residual stream through the final norm with the scale that it had in the run.</summary>
    /// <remarks>
    /// Differences between rows are then what the layers between them wrote, in logits (accumulated direct logit attribution). The last row
    /// is the model's own logits, unless the gain is left out on unfolded weights.
    /// </remarks>
    /// <param name="run">A run with captured residual streams and with <c>FinalScale</c> or the last <c>ResidPost</c>.</param>
    /// <param name="positions">Where to read; all captured positions by default.</param>
    /// <param name="norm">
    /// <see cref="RowNorm.CachedScale"/>, or <see cref="RowNorm.CachedScaleWithoutGain"/> for TransformerLens's definition, which leaves out
    /// gain and bias.
    /// </param>
    /// <returns>The readings, which the caller disposes.</returns>
    /// <exception cref="InvalidOperationException">No residual stream was captured.</exception>
    public static LogitLens LogitLensAtFinalScale(this Run run, Indices positions = default, RowNorm norm = RowNorm.CachedScale) =>
        Read(run.Cache, positions, norm);

    private static LogitLens Read(ActivationCache cache, Indices positions, RowNorm norm)
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        var rows = LensRows.Of(cache).ToArray();
        if (rows.Length == 0)
            throw new InvalidOperationException("No residual stream was captured: add Capture(ResidPost), or Capture(ResidPre, ResidPost), to the run.");
        Tensor? logits = null;
        for (var row = 0; row < rows.Length; row++)
        {
            using var step = NewDisposeScope();
            var read = Unembedded(cache, CachedStream.At(cache, rows[row].Name, positions), positions, norm); // [batch, pos, d_vocab]
            logits ??= read.new_empty([rows.Length, .. read.shape]).MoveToOuterDisposeScope(); // [row, batch, pos, d_vocab]
            logits.select(0, row).copy_(read);
        }
        return new LogitLens(cache, positions, rows.Select(r => r.Label), logits!.DetachFromDisposeScope());
    }

    private static Tensor Unembedded(ActivationCache cache, Tensor x, Indices positions, RowNorm norm)
    {
        var model = cache.Model;
        if (norm == RowNorm.Recomputed)
            return model.Unembed(new ForwardContext(model, new ListenerTable(model.Config.Layers)), x);
        var reader = new ReaderNorm(cache, model.Config.Layers, false);
        var normed = reader.Apply(x, norm, positions);
        if (norm == RowNorm.CachedScale && reader.Bias is { } bias)
            normed = normed + bias;
        return model.SoftCapped(Attention.Affine(normed, model.Weights.Unembedding, model.Weights.UnembeddingBias));
    }
}
