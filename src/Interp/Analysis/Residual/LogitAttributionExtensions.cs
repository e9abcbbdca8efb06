namespace Interp;

using TorchSharp;
using static TorchSharp.torch;

/// <summary>Direct logit attribution: what each part of the residual stream adds to a logit, through the final norm's fixed scale.</summary>
/// <remarks>
/// 1. A token's residual direction is its column of W_U; for a logit difference, the difference of two columns. 2. Each row passes the final
/// norm with the scale of the run, which is linear. 3. Its product with the direction is its share. Shares of a complete decomposition sum
/// to the logit less a constant: b_U and the final norm's bias, see <see cref="LogitConstant"/>. Soft caps on logits are behind all this.
/// </remarks>
public static class LogitAttributionExtensions
{
    /// <summary>Each component's share of a logit, or of a logit difference, [component, prompt, pos].</summary>
    /// <param name="stack">Rows without a norm; rows with a norm are read as they are.</param>
    /// <param name="token">The token, for all prompts and positions.</param>
    /// <param name="incorrect">The token whose logit is subtracted, or null.</param>
    /// <param name="norm">
    /// <see cref="RowNorm.CachedScale"/>, or <see cref="RowNorm.CachedScaleWithoutGain"/> for TransformerLens's <c>logit_attrs</c>, which is
    /// exact on folded weights alone.
    /// </param>
    public static LabelledArray LogitAttributions(this ResidualStack stack, int token, int? incorrect = null, RowNorm norm = RowNorm.CachedScale)
    {
        using var scope = NewDisposeScope();
        return Attribute(stack, One(token), incorrect is { } wrong ? One(wrong) : null, norm);

        static Tensor One(int id) => tensor((long)id);
    }

    /// <summary>Each component's share of a logit, or of a logit difference, with each prompt's own tokens, [component, prompt, pos].</summary>
    /// <param name="stack">Rows without a norm; rows with a norm are read as they are.</param>
    /// <param name="tokens">A token for each prompt.</param>
    /// <param name="incorrect">The tokens whose logits are subtracted, or null.</param>
    /// <param name="norm">As above.</param>
    /// <exception cref="ArgumentException">The number of tokens is not that of the prompts.</exception>
    public static LabelledArray LogitAttributions(
        this ResidualStack stack, IReadOnlyList<int> tokens, IReadOnlyList<int>? incorrect = null, RowNorm norm = RowNorm.CachedScale)
    {
        using var scope = NewDisposeScope();
        return Attribute(stack, Each(tokens), incorrect is null ? null : Each(incorrect), norm);

        static Tensor Each(IReadOnlyList<int> ids) => tensor(ids.Select(id => (long)id).ToArray());
    }

    /// <summary>Each component's share of a logit, or of a logit difference, with tokens that may differ by position, [component, prompt, pos].</summary>
    /// <param name="stack">Rows without a norm; rows with a norm are read as they are.</param>
    /// <param name="tokens">Integers: one for all [], one for each prompt [batch], or one for each prompt and position [batch, pos].</param>
    /// <param name="incorrect">The tokens whose logits are subtracted, of the same shape, or null.</param>
    /// <param name="norm">As above.</param>
    /// <exception cref="ArgumentException">The tokens' shapes differ, or do not fit the stack.</exception>
    public static LabelledArray LogitAttributionsByPosition(this ResidualStack stack, Tensor tokens, Tensor? incorrect = null, RowNorm norm = RowNorm.CachedScale)
    {
        using var scope = NewDisposeScope();
        return Attribute(stack, tokens, incorrect, norm);
    }

    /// <summary>The directions of the residual stream, behind the final norm, that tokens' logits read: columns of W_U.</summary>
    /// <param name="model">The model.</param>
    /// <param name="tokens">Integers of any shape.</param>
    /// <returns>[.., d_model], which the caller disposes.</returns>
    public static Tensor ResidualDirections(this HookedTransformer model, Tensor tokens)
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        var ids = tokens.to(ScalarType.Int64).to(model.Device);
        return model.Weights.Unembedding.index_select(1, ids.reshape(-1)).t().reshape([.. ids.shape, model.Config.DModel]).MoveToOuterDisposeScope();
    }

    /// <summary>What no component adds to a logit: b_U and, on unfolded weights, the final norm's bias times W_U.</summary>
    /// <param name="model">The model.</param>
    /// <param name="tokens">Integers of any shape.</param>
    /// <returns>A number for each token, of the tokens' shape, which the caller disposes.</returns>
    public static Tensor LogitConstant(this HookedTransformer model, Tensor tokens)
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        var ids = tokens.to(ScalarType.Int64).to(model.Device);
        var constant = model.BU.index_select(0, ids.reshape(-1)).reshape(ids.shape);
        if (model.FinalNorm is Norm { Weights.Bias: { } bias })
            constant = constant + model.ResidualDirections(ids).matmul(bias);
        return constant.MoveToOuterDisposeScope();
    }

    private static LabelledArray Attribute(ResidualStack stack, Tensor tokens, Tensor? incorrect, RowNorm norm)
    {
        using var noGradient = no_grad();
        if (incorrect is not null && !incorrect.shape.SequenceEqual(tokens.shape))
            throw new ArgumentException(
                $"The tokens have shape [{string.Join(", ", tokens.shape)}], those to subtract [{string.Join(", ", incorrect.shape)}]: give equal shapes.", nameof(incorrect));
        var model = stack.Cache.Model;
        var directions = model.ResidualDirections(tokens); // [.., d_model]
        if (incorrect is not null)
            directions = directions - model.ResidualDirections(incorrect);
        var quantity = incorrect is null ? "share of the logit" : "share of the logit difference";
        if (stack.Norm != RowNorm.None || norm == RowNorm.None)
            return stack.Labelled(stack.Projected(directions), quantity);
        var reader = new ReaderNorm(stack.Cache, model.Config.Layers, false);
        var shares = stack.Projected(reader.Prepare(directions, norm)); // [component, batch, pos]
        if (reader.ScaleOrNone(stack.Positions) is { } scale)
            shares = shares / scale.squeeze(-1);
        return stack.Labelled(shares, quantity);
    }
}
