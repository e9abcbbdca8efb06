namespace Interp;

using System.Collections.Concurrent;
using System.Collections.Immutable;

/// <summary>A kind of activation: where in the model it arises and what its axes mean.</summary>
/// <remarks>
/// A site at a layer is a <see cref="HookName"/>; a site (at some layers) narrowed to heads, positions or neurons is a <see cref="Unit"/>.
/// The wire form is TransformerLens's: <c>blocks.{layer}.{leaf}</c> for sites that every block has, the leaf alone for the others.
/// Sites are interned: asking twice for the same leaf gives the same object.
/// </remarks>
[TypeFormatterSource(typeof(NotebookFormatters))]
public sealed class Site
{
    private static readonly ConcurrentDictionary<(string Leaf, bool PerLayer), Site> Known = new();
    private static int count;

    private Site(string leaf, bool perLayer, bool lazy, ImmutableArray<string> axes)
    {
        Leaf = leaf;
        PerLayer = perLayer;
        Lazy = lazy;
        Axes = axes;
        Id = Interlocked.Increment(ref count) - 1;
    }

    /// <summary>The wire name without the block prefix, such as <c>attn.hook_z</c>.</summary>
    public string Leaf { get; }

    /// <summary>Whether every block has this site; else the model has it once.</summary>
    public bool PerLayer { get; }

    /// <summary>Whether the activation costs extra work and is computed only when somebody asks for it.</summary>
    public bool Lazy { get; }

    /// <summary>The names of the axes, such as <c>batch, pos, head, d_head</c>.</summary>
    public ImmutableArray<string> Axes { get; }

    /// <summary>A small number that is this site's own in the process: the index of its row in a run's table of listeners.</summary>
    internal int Id { get; }

    /// <summary>How many sites exist in the process so far.</summary>
    internal static int Count => Volatile.Read(ref count);

    /// <summary>All sites known to the process, built-in and custom.</summary>
    public static IEnumerable<Site> All
    {
        get
        {
            _ = Sites.ResidPre;
            return Known.Values;
        }
    }

    /// <summary>The site at one layer; <c>^1</c> is the last.</summary>
    public Unit this[Index layer] => Unit.Of(this)[layer];

    /// <summary>The site at a range of layers.</summary>
    public Unit this[Range layers] => Unit.Of(this)[layers];

    /// <summary>A site that every block of a model emits.</summary>
    /// <param name="leaf">The wire name behind <c>blocks.{layer}.</c>, such as <c>attn.hook_gate</c>.</param>
    /// <param name="axes">The axis names, separated by spaces, such as <c>batch pos head</c>.</param>
    /// <param name="lazy">Whether the component computes it only when asked.</param>
    /// <exception cref="ArgumentException">The leaf exists with other axes, or an argument is empty.</exception>
    public static Site InLayer(string leaf, string axes, bool lazy = false) => Intern(leaf, true, axes, lazy);

    /// <summary>A site that the model emits once.</summary>
    /// <param name="leaf">The wire name, such as <c>hook_embed</c>.</param>
    /// <param name="axes">The axis names, separated by spaces.</param>
    /// <param name="lazy">Whether the component computes it only when asked.</param>
    /// <exception cref="ArgumentException">The leaf exists with other axes, or an argument is empty.</exception>
    public static Site InModel(string leaf, string axes, bool lazy = false) => Intern(leaf, false, axes, lazy);

    /// <summary>The position of an axis in <see cref="Axes"/>, or -1.</summary>
    public int Axis(string name) => Axes.IndexOf(name);

    /// <summary>The wire name, with <c>{layer}</c> standing for the layer.</summary>
    public override string ToString() => PerLayer ? $"blocks.{{layer}}.{Leaf}" : Leaf;

    internal static Site? Find(string leaf, bool perLayer)
    {
        _ = Sites.ResidPre; // the built-in sites are registered by their class's initialiser
        return Known.GetValueOrDefault((leaf, perLayer));
    }

    private static Site Intern(string leaf, bool perLayer, string axes, bool lazy)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(leaf);
        ArgumentException.ThrowIfNullOrWhiteSpace(axes);
        var names = axes.Split(' ', StringSplitOptions.RemoveEmptyEntries).ToImmutableArray();
        var site = Known.GetOrAdd((leaf, perLayer), key => new Site(key.Leaf, key.PerLayer, lazy, names));
        return site.Axes.SequenceEqual(names)
            ? site
            : throw new ArgumentException($"Site '{leaf}' exists with axes [{string.Join(", ", site.Axes)}], not [{string.Join(", ", names)}]. Choose another name.", nameof(axes));
    }
}
