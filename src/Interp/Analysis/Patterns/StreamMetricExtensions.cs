namespace Interp;

using TorchSharp;
using static TorchSharp.torch;

/// <summary>Numbers of the residual stream by layer: how many directions its tokens take, how alike they are, which dimensions stand out.</summary>
public static class StreamMetricExtensions
{
    /// <summary>Effective rank of each prompt's tokens, the exponential of the entropy of the singular values' shares, [layer, prompt].</summary>
    /// <remarks>Roy and Vetterli 2007. Between 1 (all tokens along one line) and the smaller of tokens and d_model.</remarks>
    /// <param name="cache">A cache with the site at some layers.</param>
    /// <param name="site">A site shaped like the residual stream.</param>
    /// <exception cref="KeyNotFoundException">The site was not captured.</exception>
    /// <exception cref="ArgumentException">The site has another shape.</exception>
    public static LabelledArray EffectiveRank(this ActivationCache cache, Site site) => ByLayer(cache, site, "effective rank", tokens =>
    {
        var small = tokens.shape[0] < tokens.shape[1] ? tokens.t() : tokens;
        var reduced = linalg.qr(small).R; // [k, k], the singular values are the tokens'
        var values = SmallMatrices.SingularValues(SmallMatrices.Of(reduced.Doubles(), (int)reduced.shape[0], (int)reduced.shape[1]));
        var sum = values.Sum();
        return Math.Exp(-values.Where(v => v > 0).Sum(v => v / sum * Math.Log(v / sum)));
    });

    /// <summary>Token similarity, the mean cosine between two different tokens of a prompt, [layer, prompt].</summary>
    /// <param name="cache">A cache with the site at some layers.</param>
    /// <param name="site">A site shaped like the residual stream.</param>
    /// <exception cref="KeyNotFoundException">The site was not captured.</exception>
    /// <exception cref="ArgumentException">The site has another shape.</exception>
    public static LabelledArray TokenSimilarity(this ActivationCache cache, Site site) => ByLayer(cache, site, "mean cosine between tokens", tokens =>
    {
        var count = tokens.shape[0];
        var sum = (tokens / tokens.square().sum([-1], keepdim: true).sqrt()).sum(0L); // |sum of n unit vectors|^2 = n + the cosines of pairs
        return count < 2 ? double.NaN : (sum.square().sum().ToDouble() - count) / (count * (count - 1.0));
    });

    /// <summary>Massive activations: larger than a number, and than a multiple of the layer's median magnitude; the largest ratio first.</summary>
    /// <remarks>Sun et al. 2024, "Massive Activations in Large Language Models": above 100, and about 1,000 times the median.</remarks>
    /// <param name="cache">A cache with the site at some layers.</param>
    /// <param name="site">A site shaped like the residual stream.</param>
    /// <param name="ratio">How many times the median magnitude of the layer's real tokens.</param>
    /// <param name="least">The smallest magnitude that counts.</param>
    /// <exception cref="KeyNotFoundException">The site was not captured.</exception>
    /// <exception cref="ArgumentException">The site has another shape.</exception>
    public static IReadOnlyList<MassiveActivation> MassiveActivations(this ActivationCache cache, Site site, double ratio = 1000, double least = 100)
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        List<MassiveActivation> found = [];
        foreach (var name in Names(cache, site))
        {
            using var step = NewDisposeScope();
            var x = cache[name]; // [batch, pos, d_model]
            var length = (int)x.shape[1];
            var real = Enumerable.Range(0, (int)x.shape[0] * length).Where(place => IsReal(cache, place / length, place % length)).ToArray();
            var tokens = x.flatten(0, 1).index_select(0, tensor(real.Select(place => (long)place).ToArray(), device: x.device)); // [token, d_model]
            var sizes = tokens.abs();
            var median = sizes.median().to(ScalarType.Float64).ToDouble();
            var places = sizes.gt(Math.Max(least, ratio * median)).nonzero().cpu().data<long>().ToArray();
            foreach (var at in places.Chunk(2))
            {
                var value = tokens[at[0], at[1]].to(ScalarType.Float64).ToDouble();
                var place = real[at[0]];
                found.Add(new MassiveActivation(name, place / length, place % length, (int)at[1], value, Math.Abs(value) / median));
            }
        }
        return [.. found.OrderByDescending(a => a.Ratio)];
    }

    private static LabelledArray ByLayer(ActivationCache cache, Site site, string quantity, Func<Tensor, double> metric)
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        var names = Names(cache, site);
        var prompts = cache[names[0]].shape[0];
        List<double> values = [];
        foreach (var name in names)
            for (var prompt = 0; prompt < prompts; prompt++)
            {
                using var step = NewDisposeScope();
                values.Add(metric(RealTokens(cache, cache[name], prompt)));
            }
        var layers = site.PerLayer ? HeadScoreExtensions.Layers(names) : new Axis("layer", [site.ToString()]);
        return new LabelledArray(
            [layers, CachedStream.Prompts(prompts)], values.ToArray(), quantity, new Provenance { Model = cache.Model.Config.ModelName, Method = $"{site}" });
    }

    private static bool IsReal(ActivationCache cache, int prompt, int place) => cache.Input?.Mask is not { } mask || mask[prompt % mask.Length][place];

    // A prompt's real tokens, [pos, d_model], float64 on the CPU.
    private static Tensor RealTokens(ActivationCache cache, Tensor x, int prompt)
    {
        var tokens = x.select(0, prompt).to(ScalarType.Float64).cpu();
        var places = Enumerable.Range(0, (int)tokens.shape[0]).Where(place => IsReal(cache, prompt, place)).Select(place => (long)place).ToArray();
        return tokens.index_select(0, tensor(places));
    }

    private static HookName[] Names(ActivationCache cache, Site site)
    {
        ArgumentNullException.ThrowIfNull(site);
        if (site.Axes is not ["batch", "pos", "d_model"])
            throw new ArgumentException($"{site} has axes [{string.Join(", ", site.Axes)}]: this reads what is shaped like the residual stream, [batch, pos, d_model].", nameof(site));
        var names = cache.Names.Where(n => n.Site == site).Distinct().OrderBy(n => n.Layer).ToArray();
        if (names.Length == 0)
            throw new KeyNotFoundException($"{site} was not captured: add it to Capture(...).");
        foreach (var name in names)
            Shape.Check(cache[name], $"batch pos {cache.Model.Config.DModel}", name.ToString());
        return names;
    }
}
