namespace Interp;

using Interp.Extending;

/// <summary>Turns units into listeners at the hook points of one model.</summary>
internal sealed class HookBinding
{
    private readonly RunRequest request;
    private readonly HashSet<Site> present;

    public HookBinding(RunRequest request)
    {
        this.request = request;
        present = [.. request.Model.Sites];
        Table = new ListenerTable(request.Model.Config.Layers);
        foreach (var edit in request.Edits)
            Bind(edit, null);
        foreach (var unit in request.Captures)
            foreach (var name in Names(unit))
            {
                At(name).Add(new CaptureSlot(unit, name, request.Sink!));
                LastCapture = Math.Max(LastCapture, Depth(name));
            }
    }

    public ListenerTable Table { get; }

    /// <summary>The depth of the deepest capture: -1 for the embedding, a block's number, or the number of blocks for what follows them.</summary>
    public int LastCapture { get; private set; } = -1;

    /// <summary>Binds an edit, for all rows or a variant's.</summary>
    /// <returns>The depth of the first hook point at which it acts.</returns>
    public int Bind(Edit edit, RowSpan? rows)
    {
        var first = int.MaxValue;
        foreach (var name in Names(edit.Unit))
        {
            At(name).Add(new BoundEdit(edit, rows));
            first = Math.Min(first, Depth(name));
        }
        return first;
    }

    /// <summary>The hook points a unit means.</summary>
    /// <exception cref="ArgumentException">The model has none of them; the message names the nearest.</exception>
    public IEnumerable<HookName> Names(Unit unit) => Names(request.Model, present, unit);

    /// <inheritdoc cref="Names(Unit)"/>
    public static IReadOnlyList<HookName> Names(HookedTransformer model, Unit unit) => [.. Names(model, [.. model.Sites], unit)];

    private static IEnumerable<HookName> Names(HookedTransformer model, HashSet<Site> present, Unit unit)
    {
        if (!present.Contains(unit.Site))
            throw new ArgumentException(Missing(model, unit.Site.ToString()));
        if (!unit.Site.PerLayer)
            return [new HookName(unit.Site)];
        var layers = unit.Layers.Exceeds(model.Config.Layers) ? [] : unit.Layers.Reached(model.Config.Layers, null);
        if (layers.Length == 0)
            throw new ArgumentException(
                $"No hook point '{unit}': {model.Config.ModelName} has {model.Config.Layers} blocks (0-{model.Config.Layers - 1}). "
                + $"Nearest: {new HookName(unit.Site, model.Config.Layers - 1)}.");
        var names = layers.Where(l => model.Blocks[l].Sites.Contains(unit.Site)).Select(l => new HookName(unit.Site, l)).ToArray();
        return names.Length > 0 ? names : throw new ArgumentException(Missing(model, unit.ToString()));
    }

    private static string Missing(HookedTransformer model, string wanted)
    {
        var nearest = model.Sites.Select(s => s.ToString()).OrderBy(s => NearestName.Distance(s, wanted)).ThenBy(s => s, StringComparer.Ordinal).Take(3);
        return $"No hook point '{wanted}': {model.Config.ModelName} does not have it. Nearest: {string.Join(", ", nearest)}.";
    }

    /// <summary>How deep a hook point lies: -1 for the embedding, a block's number, or the number of blocks for what follows them.</summary>
    public int Depth(HookName name) => name.Site.PerLayer ? name.Layer
        : name.Site == Sites.Embed || name.Site == Sites.PosEmbed ? -1 : request.Model.Config.Layers;

    private RunListener At(HookName name)
    {
        if (Table[name] is RunListener existing)
            return existing;
        var listener = new RunListener(request.Input, request.Lenient, request.Gradients);
        Table[name] = listener;
        return listener;
    }
}
