namespace Interp;

using TorchSharp;
using static TorchSharp.torch;

/// <summary>Weights in words: directions of the residual stream as the tokens that are embedded along them, or unembedded from them.</summary>
/// <remarks>
/// Millidge and Black 2022, "The singular value decompositions of transformer weight matrices are highly interpretable". What is written is read
/// by W_U behind the final norm's gain; what is read is matched with embeddings before it. A norm's centring is left out: it shifts all tokens alike
/// only on processed weights.
/// </remarks>
public static class DirectionTokenExtensions
{
    /// <summary>The tokens that directions write to: products with W_U, behind the final norm's gain.</summary>
    /// <param name="model">The model.</param>
    /// <param name="directions">[direction, d_model], such as rows of W_out.</param>
    /// <param name="count">How many tokens of each end.</param>
    /// <exception cref="ArgumentException">The directions have another shape.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The vocabulary has fewer tokens.</exception>
    public static DirectionTokens TokensWritten(this HookedTransformer model, Tensor directions, int count = 8)
    {
        using var scope = NewDisposeScope();
        return Tokens(model, "Tokens written", directions, Writing(model), count, null);
    }

    /// <summary>The tokens that directions read: products with W_E.</summary>
    /// <param name="model">The model.</param>
    /// <param name="directions">[direction, d_model], such as columns of W_in.</param>
    /// <param name="count">How many tokens of each end.</param>
    /// <exception cref="ArgumentException">The directions have another shape.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The vocabulary has fewer tokens.</exception>
    public static DirectionTokens TokensRead(this HookedTransformer model, Tensor directions, int count = 8)
    {
        using var scope = NewDisposeScope();
        return Tokens(model, "Tokens read", directions, model.WE.t(), count, null);
    }

    /// <summary>A head's OV circuit by its largest singular values: what each pair of vectors reads, and what it writes for it.</summary>
    /// <param name="model">The model.</param>
    /// <param name="layer">The layer.</param>
    /// <param name="head">The head.</param>
    /// <param name="vectors">How many singular values.</param>
    /// <param name="count">How many tokens of each end.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such layer or head, or it has fewer singular values.</exception>
    public static (DirectionTokens Read, DirectionTokens Written) SingularTokens(this HookedTransformer model, Index layer, int head, int vectors = 5, int count = 8)
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        var l = HeadCircuitExtensions.Checked(model, layer);
        if (head < 0 || head >= model.Config.Heads)
            throw new ArgumentOutOfRangeException(nameof(head), $"No head {head}: {model.Config.ModelName} has {model.Config.Heads} in a layer (0-{model.Config.Heads - 1}).");
        Limit(vectors, Math.Min(model.Config.DHead, model.Config.DModel));
        var value = model.WV(l)[head / (model.Config.Heads / model.Config.KvHeads)];
        using var circuit = FactoredMatrix.Owned(value, model.WO(l)[head]);
        var (u, s, v) = circuit.Svd(); // [d_model, k], [k], [d_model, k]
        var weights = s.narrow(0, 0, vectors).Doubles();
        Tensor Rows(Tensor columns) => columns.narrow(1, 0, vectors).t().to(model.Dtype);
        return (
            Tokens(model, $"What L{l}H{head} reads", Rows(u), model.WE.t(), count, weights),
            Tokens(model, $"What L{l}H{head} writes", Rows(v), Writing(model), count, weights));
    }

    /// <summary>An MLP by its largest singular values: the directions that W_in reads, and those that W_out writes.</summary>
    /// <param name="model">The model.</param>
    /// <param name="layer">The layer.</param>
    /// <param name="vectors">How many singular values of each.</param>
    /// <param name="count">How many tokens of each end.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such layer, or there are fewer singular values.</exception>
    /// <exception cref="InvalidOperationException">The layer has no MLP, or one of experts.</exception>
    public static (DirectionTokens Read, DirectionTokens Written) SingularTokensOfMlp(this HookedTransformer model, Index layer, int vectors = 5, int count = 8)
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        var l = HeadCircuitExtensions.Checked(model, layer);
        var (into, outOf) = (model.WIn(l).t(), model.WOut(l)); // [d_mlp, d_model] both
        Limit(vectors, Math.Min(model.Config.DMlp, model.Config.DModel));
        var (read, readWeights) = Largest(into, vectors);
        var (written, writtenWeights) = Largest(outOf, vectors);
        return (
            Tokens(model, $"What MLP {l} reads", read, model.WE.t(), count, readWeights),
            Tokens(model, $"What MLP {l} writes", written, Writing(model), count, writtenWeights));
    }

    // Right singular vectors of [neuron, d_model] as rows.
    private static (Tensor Rows, double[] Weights) Largest(Tensor matrix, int vectors)
    {
        var (_, s, vt) = linalg.svd(matrix.to(ScalarType.Float64), fullMatrices: false);
        return (vt.narrow(0, 0, vectors).to(matrix.dtype), s.narrow(0, 0, vectors).Doubles());
    }

    private static Tensor Writing(HookedTransformer model) =>
        model.FinalNorm is Norm { Weights.Gain: { } gain } ? model.WU * gain.unsqueeze(1) : model.WU; // [d_model, d_vocab]

    private static DirectionTokens Tokens(HookedTransformer model, string title, Tensor directions, Tensor vocabulary, int count, double[]? weights)
    {
        using var noGradient = no_grad();
        Shape.Check(directions, $"direction {model.Config.DModel}", nameof(directions));
        Limit(count, (int)vocabulary.shape[1]);
        var products = directions.to(vocabulary.dtype, vocabulary.device).matmul(vocabulary); // [direction, d_vocab]
        var axis = new Axis("direction", (int)directions.shape[0]);
        var lengths = weights ?? directions.square().sum(-1).sqrt().Doubles();
        return new DirectionTokens(
            title, new LabelledArray([axis], lengths, weights is null ? "length" : "singular value", new Provenance { Model = model.Config.ModelName, Method = title }),
            Ranked(model, products, count, true), Ranked(model, products, count, false));
    }

    private static IReadOnlyList<(string Token, double Score)>[] Ranked(HookedTransformer model, Tensor products, int count, bool largest)
    {
        var (values, tokens) = products.topk(count, -1, largest: largest);
        return [.. values.Doubles().Zip(tokens.Doubles(), (value, token) => (model.TokenText((int)token), value)).Chunk(count)];
    }

    private static void Limit(int count, int most)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, most);
    }
}
