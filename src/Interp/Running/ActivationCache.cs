namespace Interp;

using System.Collections;
using System.Diagnostics.CodeAnalysis;
using TorchSharp;

/// <summary>Activations of one run, by hook point. It owns its tensors; treat them as read-only.</summary>
/// <remarks>Iteration is in the order of the forward pass.</remarks>
[TypeFormatterSource(typeof(NotebookFormatters))]
public sealed partial class ActivationCache : IReadOnlyCollection<KeyValuePair<HookName, torch.Tensor>>, IDisposable, INotebookView
{
    private readonly Dictionary<(HookName Name, string Part), ICachedActivation> entries = [];

    internal ActivationCache(HookedTransformer model, RunInput? input = null) => (Model, Input) = (model, input);

    /// <summary>The model that ran. It stays its owner's.</summary>
    public HookedTransformer Model { get; }

    /// <summary>What the run read; null where the activations came from elsewhere.</summary>
    public RunInput? Input { get; }

    /// <summary>How many activations there are.</summary>
    public int Count => entries.Count;

    /// <summary>The hook points that were captured, in the order of the forward pass.</summary>
    public IEnumerable<HookName> Names => entries.Keys.Select(k => k.Name);

    /// <summary>Bytes of all captured activations.</summary>
    public long Bytes => entries.Values.Sum(e => e.Bytes);

    /// <summary>An activation that was captured, whole or in part.</summary>
    /// <exception cref="KeyNotFoundException">It was not captured; the message says what was.</exception>
    public torch.Tensor this[HookName name] => TryGet(name, out var tensor) ? tensor : throw new KeyNotFoundException(Missing(name.ToString()));

    /// <summary>An activation by its wire string or shorthand, such as <c>blocks.0.attn.hook_pattern</c> or <c>pattern0</c>.</summary>
    /// <exception cref="FormatException">No site has that name.</exception>
    /// <exception cref="KeyNotFoundException">It was not captured.</exception>
    public torch.Tensor this[string name] => this[HookName.Parse(name)];

    /// <summary>An activation by shorthand and layer, and for norms the module: <c>cache["scale", 5, "ln1"]</c>.</summary>
    public torch.Tensor this[string shorthand, int layer, string? module = null] =>
        this[HookName.Of(shorthand, layer < 0 ? layer + Model.Config.Layers : layer, module)];

    /// <summary>The one activation a unit means, as it was captured under that unit or under the whole hook point.</summary>
    /// <exception cref="KeyNotFoundException">It was not captured, or the unit means several layers.</exception>
    public torch.Tensor this[Unit unit]
    {
        get
        {
            var names = HookBinding.Names(Model, unit);
            if (names.Count != 1)
                throw new KeyNotFoundException($"{unit} means {names.Count} activations: name one layer.");
            return entries.TryGetValue((names[0], PartOf(unit)), out var entry) ? entry.Tensor
                : unit.IsWhole ? this[names[0]] : throw new KeyNotFoundException(Missing(unit.ToString()));
        }
    }

    /// <summary>Whether a hook point was captured.</summary>
    public bool Contains(HookName name) => TryGet(name, out _);

    /// <summary>The activation at a hook point, when it was captured.</summary>
    public bool TryGet(HookName name, [NotNullWhen(true)] out torch.Tensor? tensor)
    {
        tensor = null;
        if (!entries.TryGetValue((name, ""), out var entry))
        {
            var key = entries.Keys.FirstOrDefault(k => k.Name == name);
            if (key.Part is null)
                return false;
            entry = entries[key];
        }
        tensor = entry.Tensor;
        return true;
    }

    /// <inheritdoc/>
    public IEnumerator<KeyValuePair<HookName, torch.Tensor>> GetEnumerator() =>
        entries.Select(e => KeyValuePair.Create(e.Key.Name, e.Value.Tensor)).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>Frees all activations.</summary>
    public void Dispose()
    {
        foreach (var entry in entries.Values)
            entry.Dispose();
        entries.Clear();
    }

    string INotebookView.Html => NotebookHtml.Under(ToString(), Table());

    /// <summary>How many activations there are, of which sites.</summary>
    public override string ToString() =>
        Count == 0 ? "no activations" : $"{Count} activations ({NumberText.Fixed(Bytes / 1048576.0, 1)} MiB): {NameList.Short(Names.Select(n => n.Site.Leaf).Distinct())}";

    /// <summary>The activation that was captured under exactly this unit, or null.</summary>
    internal torch.Tensor? FindExactly(HookName name, Unit unit) => entries.GetValueOrDefault((name, PartOf(unit)))?.Tensor;

    /// <summary>What was captured, for notebooks.</summary>
    internal TextTable Table()
    {
        var table = new TextTable("activation", "shape", "type").Left(1, 2);
        foreach (var ((name, part), entry) in entries)
            table.Add(part.Length == 0 ? name.ToString() : $"{name} {part}", $"[{string.Join(", ", entry.Tensor.shape)}]", $"{entry.Tensor.dtype}");
        return table;
    }

    internal static string PartOf(Unit unit) => unit.IsWhole ? "" : string.Join(' ', unit.ToString().Split(' ').Skip(1));

    internal void Put(HookName name, Unit unit, ICachedActivation activation)
    {
        if (entries.Remove((name, PartOf(unit)), out var earlier))
            earlier.Dispose();
        entries[(name, PartOf(unit))] = activation;
    }

    private string Missing(string wanted) => Count == 0
        ? $"'{wanted}' was not captured: nothing was. Ask for it with Capture(...)."
        : $"'{wanted}' was not captured. Ask for it with Capture(...). Captured: {string.Join(", ", Names.Take(8))}{(Count > 8 ? ", ..." : "")}.";
}
