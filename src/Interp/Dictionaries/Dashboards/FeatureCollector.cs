namespace Interp;

using TorchSharp;
using static TorchSharp.torch;

/// <summary>Reads texts once and keeps of each feature what its page needs.</summary>
/// <remarks>
/// 1. Run the model to the hook point, encode. 2. List the active places, text by text. 3. Count them, and draw some. 4. Offer each text's
/// strongest place of each feature. What is kept is bounded beforehand; nothing of the texts stays but the stretches that are shown.
/// </remarks>
internal sealed class FeatureCollector
{
    private readonly SparseDictionary dictionary;
    private readonly DashboardOptions options;
    private readonly CollectedFeature[] features;
    private readonly Random random;
    private readonly int[] first;
    private readonly List<int> touched = [];
    private int texts;

    /// <exception cref="InvalidOperationException">What would be kept exceeds the budget.</exception>
    public FeatureCollector(SparseDictionary dictionary, DashboardOptions options, int[] chosen)
    {
        (this.dictionary, this.options, Chosen) = (dictionary, options, chosen);
        var each = (options.Top + options.Kept) * (long)(options.Window * 8 + CollectedExample.Overhead) + GrowingHistogram.Bins * 8 + 300;
        if (each * chosen.Length > options.ByteBudget)
            throw new InvalidOperationException(
                $"The texts of {chosen.Length:N0} features may take {each * chosen.Length:N0} bytes ({each:N0} each), the budget is {options.ByteBudget:N0}. "
                + "Ask for fewer features at a time, fewer or shorter texts (Top, Drawn, Before, After), or raise ByteBudget.");
        random = new Random(options.Seed);
        features = [.. chosen.Select(_ => new CollectedFeature(options.Top, options.Kept))];
        first = new int[chosen.Length];
        Array.Fill(first, -1);
    }

    public int[] Chosen { get; }

    public long Rows { get; private set; }

    public CollectedFeature this[int index] => features[index];

    public void Add(HookedTransformer model, HookName at, RunInput batch, CancellationToken cancellation)
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        using var run = model.On(batch).Capture(at).WithoutLogits().Run(cancellation);
        var keep = ActivationStream.Kept(batch, options.Without, model.Device); // [batch, pos]
        Rows += keep.sum().ToInt64();
        var latents = dictionary.Encode(run[at].flatten(2).to(dictionary.Dtype)); // [batch, pos, width]
        if (Chosen.Length < dictionary.Width)
            latents = latents.index_select(-1, tensor(Array.ConvertAll(Chosen, f => (long)f), device: latents.device));
        var active = (latents > 0).logical_and(keep.unsqueeze(-1));
        var places = active.nonzero().cpu().contiguous().data<long>().ToArray(); // [place, 3], in the order of text and position
        var values = latents.masked_select(active).to(ScalarType.Float32).cpu().contiguous().data<float>().ToArray();
        for (int start = 0, row = 0; row < batch.Batch; row++)
        {
            var end = start;
            while (end < values.Length && places[3 * end] == row)
                end++;
            AddText(batch, row, places, values, start, end);
            start = end;
        }
        texts += batch.Batch;
    }

    // The active places of one text, chained feature by feature from the last to the first.
    private void AddText(RunInput batch, int row, long[] places, float[] values, int start, int end)
    {
        var earlier = new int[end - start];
        for (var i = start; i < end; i++)
        {
            var feature = (int)places[3 * i + 2];
            if (first[feature] < 0)
                touched.Add(feature);
            earlier[i - start] = first[feature];
            first[feature] = i;
        }
        foreach (var feature in touched)
        {
            List<(int Column, float Value)> chain = [];
            for (var i = first[feature]; i >= 0; i = earlier[i - start])
                chain.Add(((int)places[3 * i + 1], values[i]));
            chain.Reverse();
            AddChain(features[feature], batch, row, chain);
            first[feature] = -1;
        }
        touched.Clear();
    }

    private void AddChain(CollectedFeature feature, RunInput batch, int row, List<(int Column, float Value)> chain)
    {
        foreach (var (column, value) in chain)
            if (feature.Count(value, random) is >= 0 and var place)
                feature.Keep(place, Example(batch, row, chain, column));
        var best = chain.MaxBy(c => c.Value);
        if (feature.Wants(best.Value))
            feature.KeepStrongest(Example(batch, row, chain, best.Column));
    }

    private CollectedExample Example(RunInput batch, int row, List<(int Column, float Value)> chain, int column)
    {
        var tokens = batch.Rows[row];
        var offset = FeatureSourceExtensions.Offset(batch, row);
        var position = column - offset;
        var (from, to) = (Math.Max(0, position - options.Before), Math.Min(tokens.Length, position + options.After + 1));
        var activations = new float[to - from];
        foreach (var (at, value) in chain)
            if (at - offset >= from && at - offset < to)
                activations[at - offset - from] = value;
        return new CollectedExample(texts + row, position, position - from, tokens.AsSpan()[from..to].ToArray(), activations);
    }
}
