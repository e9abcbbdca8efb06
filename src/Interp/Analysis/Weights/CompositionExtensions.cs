namespace Interp;

using TorchSharp;
using static TorchSharp.torch;

/// <summary>How much the weights of one head read what another writes (Elhage et al. 2021).</summary>
public static class CompositionExtensions
{
    /// <summary>
    /// Composition scores of all pairs of heads, [source layer, source head, dest layer, dest head]: |W_OV · M| / (|W_OV| |M|) in the Frobenius
    /// norm, M being the later head's W_QK for queries, W_QKᵀ for keys and W_OV for values; 0 unless the source's layer is the earlier one.
    /// </summary>
    /// <remarks>
    /// The products are never formed: with OV = V·O and M = P·N, |V·O·P·N|^2 = sum of (VᵀV·X) ∘ (X·NNᵀ), X = O·P being d_head wide; one product
    /// per pair of layers. In float64. Scores of random matrices are not zero: compare with those of random heads.
    /// </remarks>
    /// <param name="model">The model.</param>
    /// <param name="composition">Through which input.</param>
    public static LabelledArray CompositionScores(this HookedTransformer model, Composition composition)
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        var (layers, heads) = (model.Config.Layers, model.Config.Heads);
        var sources = Enumerable.Range(0, layers).Select(l => Head.Source(model, l)).ToArray();
        var readers = Enumerable.Range(0, layers).Select(l => Head.Reader(model, l, composition)).ToArray();
        var scores = zeros([layers, heads, layers, heads], dtype: ScalarType.Float64);
        for (var from = 0; from < layers; from++)
            for (var to = from + 1; to < layers; to++)
                scores[from, .., to].copy_(Scores(sources[from], readers[to]));
        string[] names = ["source layer", "source head", "dest layer", "dest head"];
        return new LabelledArray(
            [.. names.Select((n, i) => new Axis(n, i % 2 == 0 ? layers : heads))], scores.Doubles(), $"{composition.ToString().ToLowerInvariant()} composition",
            new Provenance { Model = model.Config.ModelName, Method = "composition scores" });
    }

    // [source head, dest head]
    private static Tensor Scores(Head source, Head reader)
    {
        using var scope = NewDisposeScope();
        var between = einsum("aid,bdj->abij", source.Right, reader.Left); // [source head, dest head, d_head, d_head]
        var left = matmul(source.LeftGram.unsqueeze(1), between);
        var right = matmul(between, reader.RightGram.unsqueeze(0));
        var norms = (left * right).sum([-2, -1]).clamp_min(0).sqrt();
        return (norms / (source.Norm.unsqueeze(1) * reader.Norm.unsqueeze(0))).cpu().MoveToOuterDisposeScope();
    }

    /// <summary>A layer's factored matrices Left·Right with what their products need.</summary>
    private sealed record Head(Tensor Left, Tensor Right, Tensor LeftGram, Tensor RightGram, Tensor Norm)
    {
        public static Head Source(HookedTransformer model, int layer) => Of(HeadCircuitExtensions.Spread(model, model.WV(layer)), model.WO(layer));

        public static Head Reader(HookedTransformer model, int layer, Composition composition)
        {
            if (composition == Composition.Value)
                return Source(model, layer);
            var (query, key) = (model.WQ(layer), HeadCircuitExtensions.Spread(model, model.WK(layer)));
            return composition == Composition.Query ? Of(query, key.transpose(-2, -1)) : Of(key, query.transpose(-2, -1));
        }

        private static Head Of(Tensor left, Tensor right)
        {
            (left, right) = (left.to(ScalarType.Float64), right.to(ScalarType.Float64));
            var (leftGram, rightGram) = (matmul(left.transpose(-2, -1), left), matmul(right, right.transpose(-2, -1))); // [head, d_head, d_head]
            return new Head(left, right, leftGram, rightGram, (leftGram * rightGram).sum([-2, -1]).sqrt());
        }
    }
}
