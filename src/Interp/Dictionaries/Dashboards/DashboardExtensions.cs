namespace Interp;

using System.Collections.Immutable;
using TorchSharp;
using static TorchSharp.torch;

/// <summary>Makes feature dashboards.</summary>
public static class DashboardExtensions
{
    private const int RowsAtOnce = 256;

    /// <summary>Collects what the pages of many features show, in one pass over texts.</summary>
    /// <remarks>The model runs no further than the hook point. Memory is bounded by <see cref="DashboardOptions.ByteBudget"/> beside a batch's latents.</remarks>
    /// <param name="model">The model.</param>
    /// <param name="dictionary">A dictionary that knows its hook points.</param>
    /// <param name="prompts">Batches of texts, read as they are needed.</param>
    /// <param name="options">Which features, how many texts.</param>
    /// <param name="progress">Receives the number of texts read.</param>
    /// <param name="cancellation">Ends it between two batches.</param>
    /// <exception cref="ArgumentException">The dictionary does not fit the model, or an option is out of range.</exception>
    /// <exception cref="InvalidOperationException">What would be kept exceeds the budget.</exception>
    public static FeatureDashboards FeatureDashboards(
        this HookedTransformer model, SparseDictionary dictionary, IEnumerable<RunInput> prompts, DashboardOptions? options = null,
        IProgress<int>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(prompts);
        SplicingExtensions.CheckModel(model, dictionary);
        var at = ActivationStream.Known(dictionary.Config.Input);
        _ = HookBinding.Names(model, at);
        options = (options ?? DashboardOptions.Default).Validated(dictionary.Width);
        var collector = new FeatureCollector(dictionary, options, options.Features.IsEmpty ? [.. Enumerable.Range(0, dictionary.Width)] : [.. options.Features]);
        var read = 0;
        foreach (var batch in prompts)
        {
            cancellation.ThrowIfCancellationRequested();
            collector.Add(model, at, batch, cancellation);
            progress?.Report(read += batch.Batch);
        }
        return Finished(model, dictionary, options, collector);
    }

    private static FeatureDashboards Finished(HookedTransformer model, SparseDictionary dictionary, DashboardOptions options, FeatureCollector collector)
    {
        var name = $"{dictionary}{(dictionary.Config.ModelName is { } of ? $" of {of}" : "")}";
        Func<int, string> text = Remembered(model.TokenText);
        List<FeatureDashboard> done = [];
        foreach (var part in Enumerable.Range(0, collector.Chosen.Length).Chunk(RowsAtOnce))
        {
            using var scope = NewDisposeScope();
            using var noGradient = no_grad();
            int[] numbers = [.. part.Select(i => collector.Chosen[i])];
            var logits = Logits(model, dictionary, options, numbers, text);
            var similar = Similar(dictionary, options, numbers);
            done.AddRange(part.Select((index, i) => Page(name, collector, index, options, text) with
            {
                TopLogits = logits[i].Top, BottomLogits = logits[i].Bottom, Similar = similar[i],
            }));
        }
        return new FeatureDashboards(name, done);
    }

    private static FeatureDashboard Page(string name, FeatureCollector collector, int index, DashboardOptions options, Func<int, string> text)
    {
        var collected = collector[index];
        ActivationExample Shown(CollectedExample e) => new(e.Text, e.Position, e.Focus, [.. e.Tokens.Select(text)], [.. e.Activations]);
        List<ExampleGroup> groups = [];
        ActivationExample[] strongest = [.. collected.Strongest.Select(Shown)];
        if (strongest.Length > 0)
            groups.Add(new ExampleGroup("Strongest texts", strongest[^1].Activation, strongest[0].Activation, [.. strongest]));
        var sample = collected.Sample;
        for (var band = 0; band < options.Bands && sample.Length > 0; band++)
        {
            var places = sample[(sample.Length * band / options.Bands)..(sample.Length * (band + 1) / options.Bands)];
            if (places.Length == 0)
                continue;
            var chosen = Enumerable.Range(0, Math.Min(options.PerBand, places.Length)).Select(i => Shown(places[i * places.Length / Math.Min(options.PerBand, places.Length)]));
            var (low, high) = (1 - (band + 1.0) / options.Bands, 1 - (double)band / options.Bands);
            groups.Add(new ExampleGroup($"Quantiles {NumberText.Fixed(low, 2)} to {NumberText.Fixed(high, 2)} of the active places", places[^1].Value, places[0].Value, [.. chosen]));
        }
        return new FeatureDashboard
        {
            Feature = collector.Chosen[index], Dictionary = name, Rows = collector.Rows, Active = collected.Active, MaxActivation = collected.Max,
            MeanActivation = collected.Active == 0 ? 0 : collected.Sum / collected.Active, Histogram = collected.Histogram, Groups = [.. groups],
            TopLogits = [], BottomLogits = [], Similar = [],
        };
    }

    // Features whose direction never meets the residual stream directly have no logits of their own.
    private static (ImmutableArray<TokenWeight> Top, ImmutableArray<TokenWeight> Bottom)[] Logits(
        HookedTransformer model, SparseDictionary dictionary, DashboardOptions options, int[] numbers, Func<int, string> text)
    {
        using var scope = NewDisposeScope();
        var count = Math.Min(options.Logits, model.Config.VocabOut);
        if (count == 0 || !dictionary.WritesToStream(model))
            return [.. numbers.Select(_ => (ImmutableArray<TokenWeight>.Empty, ImmutableArray<TokenWeight>.Empty))];
        var weights = dictionary.LogitWeights(model, numbers); // [feature, d_vocab]
        var (top, bottom) = (Ends(weights, largest: true), Ends(weights, largest: false));
        return [.. top.Zip(bottom)];

        ImmutableArray<TokenWeight>[] Ends(Tensor all, bool largest)
        {
            var (values, tokens) = all.topk(count, -1, largest: largest, sorted: true);
            var (numbersOf, ids) = (values.Doubles(), tokens.cpu().contiguous().data<long>().ToArray());
            return [.. Enumerable.Range(0, (int)all.shape[0]).Select(row =>
                Enumerable.Range(row * count, count).Select(i => new TokenWeight(text((int)ids[i]), (int)ids[i], numbersOf[i])).ToImmutableArray())];
        }
    }

    private static ImmutableArray<SimilarFeature>[] Similar(SparseDictionary dictionary, DashboardOptions options, int[] numbers)
    {
        using var scope = NewDisposeScope();
        var count = Math.Min(options.Similar, dictionary.Width - 1);
        if (count <= 0)
            return [.. numbers.Select(_ => ImmutableArray<SimilarFeature>.Empty)];
        var decoder = dictionary.Weights.Decoder;
        var unit = decoder / decoder.norm(-1, keepdim: true).clamp_min(1e-12);
        var rows = tensor(Array.ConvertAll(numbers, f => (long)f), device: decoder.device);
        var cosines = unit.index_select(0, rows).matmul(unit.t()).scatter_(1, rows.unsqueeze(-1), full([numbers.Length, 1], -2, dtype: unit.dtype, device: unit.device));
        var (values, which) = cosines.topk(count, -1, sorted: true);
        var (near, ids) = (values.Doubles(), which.cpu().contiguous().data<long>().ToArray());
        return [.. numbers.Select((_, row) => Enumerable.Range(row * count, count).Select(i => new SimilarFeature((int)ids[i], near[i])).ToImmutableArray())];
    }

    private static Func<int, string> Remembered(Func<int, string> text)
    {
        Dictionary<int, string> known = [];
        return id => known.TryGetValue(id, out var found) ? found : known[id] = text(id);
    }
}
