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
    public static LogitLens LogitLens(this Run run, Indices positions = default) => run.Cache.LogitLens(positions);

    /// <inheritdoc cref="LogitLens(Run, Indices)"/>
    public static LogitLens LogitLens(this ActivationCache cache, Indices positions = default) =>
        Read(cache, Streams(cache), positions, RowNorm.Recomputed);

    /// <summary>Reads chosen sites as if each were the last residual stream: layers, sublayers, heads, neurons.</summary>
    /// <remarks>
    /// Sites shaped like the residual stream are read as they are. <c>Z</c> is read head by head, each head's z·W_O; <c>MlpPost</c> neuron by
    /// neuron, activation times its row of W_out; both before a norm behind the sublayer, and without biases.
    /// </remarks>
    /// <param name="run">A run with the sites captured.</param>
    /// <param name="sites">Such as <c>AttnOut</c>, <c>Z[3].Head(2)</c>, <c>MlpPost[^1].Neuron(17)</c>.</param>
    /// <param name="positions">Where to read; all captured positions by default.</param>
    /// <param name="norm">Each row's own statistics by default; <see cref="RowNorm.CachedScale"/> reads by those of the run's final norm.</param>
    /// <returns>The readings, which the caller disposes.</returns>
    /// <exception cref="ArgumentException">A site has another shape, such as a pattern's or a query's; or there is none.</exception>
    /// <exception cref="KeyNotFoundException">A site was not captured.</exception>
    public static LogitLens LogitLens(this Run run, IEnumerable<Unit> sites, Indices positions = default, RowNorm norm = RowNorm.Recomputed)
    {
        LensRow[] rows = [.. LensRows.Of(run.Cache, sites)];
        return rows.Length > 0 ? Read(run.Cache, rows, positions, norm) : throw new ArgumentException("The lens is given no site to read.", nameof(sites));
    }

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
        Read(run.Cache, Streams(run.Cache), positions, norm);

    /// <summary>Reads rows through the norm and the unembedding.</summary>
    internal static LogitLens Read(ActivationCache cache, IReadOnlyList<LensRow> rows, Indices positions, RowNorm norm, string method = "logit lens")
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        Tensor? logits = null;
        for (var row = 0; row < rows.Count; row++)
        {
            using var step = NewDisposeScope();
            var read = Unembedded(cache, rows[row].Read(positions), positions, norm); // [batch, pos, d_vocab]
            logits ??= read.new_empty([rows.Count, .. read.shape]).MoveToOuterDisposeScope(); // [row, batch, pos, d_vocab]
            logits.select(0, row).copy_(read);
        }
        return new LogitLens(cache, positions, rows.Select(r => r.Label), logits!.DetachFromDisposeScope(), method);
    }

    /// <summary>The model's own ending: final norm, unembedding, soft cap.</summary>
    /// <param name="model">The model.</param>
    /// <param name="x">[batch, pos, d_model].</param>
    /// <returns>[batch, pos, d_vocab].</returns>
    internal static Tensor Ending(HookedTransformer model, Tensor x) => model.Unembed(new ForwardContext(model, new ListenerTable(model.Config.Layers)), x);

    /// <summary>Logits as probabilities are taken of them, in float32 at least; the same tensor where it is.</summary>
    internal static Tensor Wide(Tensor logits) => logits.dtype is ScalarType.Float32 or ScalarType.Float64 ? logits : logits.to(ScalarType.Float32);

    private static LensRow[] Streams(ActivationCache cache)
    {
        LensRow[] rows = [.. LensRows.Of(cache)];
        return rows.Length > 0
            ? rows
            : throw new InvalidOperationException("No residual stream was captured: add Capture(ResidPost), or Capture(ResidPre, ResidPost), to the run.");
    }

    private static Tensor Unembedded(ActivationCache cache, Tensor x, Indices positions, RowNorm norm)
    {
        var model = cache.Model;
        if (norm == RowNorm.Recomputed)
            return Ending(model, x);
        var reader = new ReaderNorm(cache, model.Config.Layers, false);
        var normed = reader.Apply(x, norm, positions);
        if (norm == RowNorm.CachedScale && reader.Bias is { } bias)
            normed = normed + bias;
        return model.SoftCapped(Attention.Affine(normed, model.Weights.Unembedding, model.Weights.UnembeddingBias));
    }
}
