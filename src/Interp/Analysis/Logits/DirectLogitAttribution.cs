namespace Interp;

using TorchSharp;
using static TorchSharp.torch;

/// <summary>Direct logit attribution in one call: shares of a logit that sum to it, on raw and on processed weights.</summary>
/// <remarks>
/// 1. A logit before any soft cap is the final norm's output times a column of W_U. 2. With the statistics that the norm had in the run it is
/// linear, so each part of the residual stream has its share. 3. Heads and neurons pass the norm behind their sublayer, where the model has
/// one, in the same way. 4. What no part adds, b_U and the final norm's bias, is the part <c>constant</c>.
/// Shares say what is written directly; what a part does through later ones is not in them.
/// </remarks>
public static class DirectLogitAttribution
{
    /// <summary>Takes a logit, or a difference of two, apart.</summary>
    /// <param name="run">A run with <c>CaptureAll</c>, or with what the parts need: the message says what is missing.</param>
    /// <param name="token">The token, for all prompts.</param>
    /// <param name="incorrect">The token whose logit is subtracted, or null.</param>
    /// <param name="parts">Into which parts.</param>
    /// <param name="positions">Where; all positions by default. Neurons take layers x d_mlp x prompts x positions numbers.</param>
    /// <exception cref="KeyNotFoundException">An activation was not captured.</exception>
    /// <exception cref="NotSupportedException">The model normalises the residual stream itself.</exception>
    /// <exception cref="ArgumentOutOfRangeException">There is no such token.</exception>
    public static LogitAttribution AttributeLogit(
        this Run run, int token, int? incorrect = null, LogitParts parts = LogitParts.Components, Indices positions = default) =>
        run.AttributeLogit([token], incorrect is { } wrong ? [wrong] : null, parts, positions);

    /// <summary>Takes a logit, or a difference of two, apart, with each prompt's own tokens.</summary>
    /// <param name="run">A run with <c>CaptureAll</c>, or with what the parts need: the message says what is missing.</param>
    /// <param name="tokens">A token for all prompts, or one for each.</param>
    /// <param name="incorrect">As many tokens whose logits are subtracted, or null.</param>
    /// <param name="parts">Into which parts.</param>
    /// <param name="positions">Where; all positions by default.</param>
    /// <exception cref="ArgumentException">The number of tokens is neither one nor that of the prompts.</exception>
    /// <exception cref="KeyNotFoundException">An activation was not captured.</exception>
    public static LogitAttribution AttributeLogit(
        this Run run, IReadOnlyList<int> tokens, IReadOnlyList<int>? incorrect = null, LogitParts parts = LogitParts.Components, Indices positions = default)
    {
        ArgumentNullException.ThrowIfNull(tokens);
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        var (directions, constants) = LogitReading.Of(run.Model, tokens, incorrect); // [token, d_model], [token]
        using var stack = parts == LogitParts.Components
            ? run.Cache.DecomposeResidual(positions: positions, norm: RowNorm.CachedScale)
            : run.Cache.FullDecomposition(
                expandNeurons: parts == LogitParts.Neurons, norm: RowNorm.CachedScale, projectOnto: directions.t(), positions: positions, throughPostNorms: true);
        var products = parts == LogitParts.Components ? stack.Values.matmul(directions.t()) : stack.Values; // [component, batch, pos, token]
        var prompts = products.shape[1];
        if (tokens.Count != 1 && tokens.Count != prompts)
            throw new ArgumentException($"There are {tokens.Count} tokens for {prompts} prompts: give one for all, or one for each.", nameof(tokens));
        var own = tokens.Count == 1 ? products.select(3, 0) : products.diagonal(0, 1, 3).transpose(1, 2); // [component, batch, pos]
        var constant = constants.view(1, -1, 1).expand(1, prompts, own.shape[2]);
        var axes = stack.Labelled(own, "").Axes;
        var shares = new LabelledArray(
            [new Axis("component", [.. stack.Labels, "constant"]), axes[1], axes[2]], cat([own, constant], 0).Doubles(),
            incorrect is null ? "share of the logit" : "share of the logit difference",
            new Provenance { Model = run.Model.Config.ModelName, Method = "direct logit attribution" });
        return new LogitAttribution(run.Model.Config, parts, shares);
    }
}
