namespace Interp;

using TorchSharp;
using static TorchSharp.torch;

/// <summary>Collects activations pass by pass and puts them together, each position once.</summary>
/// <remarks>
/// 1. A pass hands over its own positions, not narrowed along them. 2. At the end they are joined; patterns of earlier passes get entries for
/// the keys that came later, which they did not see. 3. Each unit is then narrowed as a run over the whole text would narrow it.
/// </remarks>
internal sealed class GenerationSink(RunPlan plan) : ICaptureSink, IDisposable
{
    private readonly Dictionary<(HookName Name, string Part), List<Tensor>> parts = [];

    /// <summary>What the passes capture: each part of each hook point once.</summary>
    public IReadOnlyList<Unit> Units { get; } = [.. plan.Captures
        .SelectMany(unit => HookBinding.Names(plan.Model, unit).Select(name => name.Site.PerLayer ? Whole(unit)[name.Layer] : Whole(unit)))
        .DistinctBy(unit => unit.ToString())];

    /// <inheritdoc/>
    public void Take(HookName name, Unit unit, Tensor activation, bool keepGraph)
    {
        var key = (name, ActivationCache.PartOf(unit));
        if (!parts.TryGetValue(key, out var list))
            parts[key] = list = [];
        var plain = activation.detach();
        list.Add((plan.Storage.Kind == "device" ? plain.contiguous() : plain.cpu().contiguous()).DetachFromDisposeScope());
    }

    /// <summary>Forgets what earlier passes captured.</summary>
    public void Clear()
    {
        foreach (var tensor in parts.Values.SelectMany(list => list))
            tensor.Dispose();
        parts.Clear();
    }

    /// <inheritdoc/>
    public void Dispose() => Clear();

    /// <summary>Puts everything that was asked for into a cache.</summary>
    /// <param name="cache">A cache over the whole texts.</param>
    /// <param name="past">Positions before the texts, in a key-value cache that was given.</param>
    public void Fill(ActivationCache cache, int past)
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        var store = new CacheSink(cache, plan.Storage);
        var joined = parts.ToDictionary(part => part.Key, part => Joined(part.Key.Name.Site, part.Value));
        var asked = plan.Captures.SelectMany(unit => HookBinding.Names(plan.Model, unit).Select(name => (name, unit))).ToLookup(pair => pair.name, pair => pair.unit);
        foreach (var name in parts.Keys.Select(key => key.Name).Distinct()) // of the forward pass, in its order
            foreach (var unit in asked[name])
            {
                var values = joined[(name, ActivationCache.PartOf(Whole(unit)))];
                store.Take(name, unit, unit.IsWhole ? values : Narrowed(unit, values, cache.Input!, past), keepGraph: false);
            }
    }

    /// <summary>The unit with all positions, and with lists in place of single places, so that no axis is dropped.</summary>
    /// <exception cref="ArgumentException">The site has no positions.</exception>
    private static Unit Whole(Unit unit)
    {
        if (unit.Site.Axis("pos") < 0 && unit.Site.Axis("query") < 0)
            throw new ArgumentException($"{unit.Site} has no positions: it cannot be captured position by position while a text is generated.");
        return Mapped(unit, (axis, places) => IsPlace(axis) ? Indices.All : places.AsList());
    }

    private static Tensor Narrowed(Unit unit, Tensor values, RunInput input, int past)
    {
        var rest = Mapped(unit, (axis, places) => IsPlace(axis) ? places : places.IsSingle ? 0 : Indices.All);
        return Selection.Resolve(rest, values.shape, input, past, lenient: false, complete: true)!.Read(values);
    }

    private static Unit Mapped(Unit unit, Func<string, Indices, Indices> map)
    {
        foreach (var axis in unit.Site.Axes)
            unit = unit.Along(axis, map(axis, unit.Along(axis)));
        return unit;
    }

    private static bool IsPlace(string axis) => axis is "pos" or "query" or "key";

    private static Tensor Joined(Site site, List<Tensor> passes)
    {
        var axis = Math.Max(site.Axis("pos"), site.Axis("query"));
        var keys = passes[^1].shape[^1];
        var unseen = site == Sites.AttnScores ? double.NegativeInfinity : 0;
        return site.Axis("key") < 0 ? cat(passes, axis) : cat([.. passes.Select(p => Widened(p, keys, unseen))], axis);
    }

    // [.., key]: entries for keys that came after a pass.
    private static Tensor Widened(Tensor pass, long keys, double value)
    {
        var shape = pass.shape;
        shape[^1] = keys - shape[^1];
        return shape[^1] == 0 ? pass : cat([pass, full(shape, value, dtype: pass.dtype, device: pass.device)], -1);
    }
}
