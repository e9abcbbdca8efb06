namespace Interp;

using TorchSharp;

/// <summary>Moments of several activations, by hook point. It owns them; dispose it when done.</summary>
[TypeFormatterSource(typeof(NotebookFormatters))]
public sealed class StreamedMoments : IDisposable
{
    private readonly Dictionary<HookName, Moments> moments = [];
    private readonly HookedTransformer model;

    internal StreamedMoments(HookedTransformer model) => this.model = model;

    /// <summary>The hook points.</summary>
    public IEnumerable<HookName> Names => moments.Keys;

    /// <summary>The moments of one hook point.</summary>
    /// <exception cref="KeyNotFoundException">It was not streamed.</exception>
    public Moments this[HookName name] => moments.TryGetValue(name, out var found)
        ? found
        : throw new KeyNotFoundException($"'{name}' was not streamed. Streamed: {string.Join(", ", Names)}.");

    /// <summary>The moments of the one activation a unit means.</summary>
    public Moments this[Unit unit] => this[HookBinding.Names(model, unit).Single()];

    /// <summary>Frees all accumulators.</summary>
    public void Dispose()
    {
        foreach (var entry in moments.Values)
            entry.Dispose();
    }

    /// <summary>Of which hook points.</summary>
    public override string ToString() => $"moments of {NameList.Short(Names)}";

    internal Moments At(HookName name, bool covariance)
    {
        if (!moments.TryGetValue(name, out var found))
            moments[name] = found = new Moments(covariance);
        return found;
    }
}
