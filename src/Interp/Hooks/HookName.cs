namespace Interp;

using System.Globalization;

/// <summary>A site at a layer: one activation of a model. Prints and parses as TransformerLens's string.</summary>
/// <param name="Site">The kind of activation.</param>
/// <param name="Layer">The block, counted from 0; -1 for a site the model has once.</param>
[TypeFormatterSource(typeof(NotebookFormatters))]
public readonly record struct HookName(Site Site, int Layer = -1)
{
    private static readonly Dictionary<string, string> Shorthands = new()
    {
        ["attn"] = "pattern", ["attn_logits"] = "attn_scores", ["key"] = "k", ["query"] = "q", ["value"] = "v",
        ["mlp_pre"] = "pre", ["mlp_mid"] = "mid", ["mlp_post"] = "post",
    };

    /// <summary>The wire string, such as <c>blocks.5.attn.hook_pattern</c>.</summary>
    public override string ToString() => Site.PerLayer ? string.Create(CultureInfo.InvariantCulture, $"blocks.{Layer}.{Site.Leaf}") : Site.Leaf;

    /// <summary>Reads a wire string or a shorthand such as <c>pattern5</c>, <c>5.pattern</c> or <c>ln1.scale3</c>.</summary>
    /// <exception cref="FormatException">No known site has that name; the message holds the nearest.</exception>
    public static HookName Parse(string text) => TryParse(text, out var name) ? name : throw new FormatException(Unknown(text));

    /// <summary>Reads a wire string or shorthand; false when no known site has that name.</summary>
    public static bool TryParse(string text, out HookName name)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (TryWire(text, out name))
            return true;
        var digits = text.Length - text.AsSpan().TrimEnd("0123456789").Length;
        var (stem, layer) = digits > 0 ? (text[..^digits], text[^digits..]) : (text, null);
        return TryShorthand(stem, layer, out name);
    }

    /// <summary>The name for a shorthand, layer and, for norms, the norm: <c>Of("scale", 5, "ln1")</c>.</summary>
    /// <exception cref="FormatException">No known site has that name.</exception>
    public static HookName Of(string shorthand, int? layer = null, string? module = null)
    {
        var stem = module is null or "attn" or "mlp" ? shorthand : $"{module}.{shorthand}";
        return TryShorthand(stem, layer?.ToString(CultureInfo.InvariantCulture), out var name)
            ? name
            : throw new FormatException(Unknown($"{stem}{layer}"));
    }

    private static bool TryWire(string text, out HookName name)
    {
        name = default;
        if (text.StartsWith("blocks.", StringComparison.Ordinal))
        {
            var dot = text.IndexOf('.', 7);
            if (dot < 0 || !int.TryParse(text.AsSpan(7, dot - 7), NumberStyles.None, CultureInfo.InvariantCulture, out var layer))
                return false;
            if (Site.Find(text[(dot + 1)..], perLayer: true) is not { } site)
                return false;
            name = new HookName(site, layer);
            return true;
        }
        if (Site.Find(text, perLayer: false) is not { } single)
            return false;
        name = new HookName(single);
        return true;
    }

    private static bool TryShorthand(string stem, string? layer, out HookName name)
    {
        name = default;
        stem = stem.TrimEnd('.');
        var cut = stem.LastIndexOf('.');
        var (module, leaf) = cut < 0 ? ("", stem) : (stem[..(cut + 1)], stem[(cut + 1)..]);
        leaf = Shorthands.GetValueOrDefault(leaf, leaf);
        if (layer is null)
            return Site.Find($"{module}hook_{leaf}", false) is { } once && Set(once, -1, out name);
        var number = int.Parse(layer, NumberStyles.None, CultureInfo.InvariantCulture);
        string[] candidates = module.Length > 0 ? [$"{module}hook_{leaf}"] : [$"hook_{leaf}", $"attn.hook_{leaf}", $"mlp.hook_{leaf}"];
        foreach (var candidate in candidates)
            if (Site.Find(candidate, true) is { } site)
                return Set(site, number, out name);
        return false;

        static bool Set(Site site, int at, out HookName result)
        {
            result = new HookName(site, at);
            return true;
        }
    }

    private static string Unknown(string text)
    {
        var nearest = Site.All.Select(s => s.ToString()).OrderBy(s => NearestName.Distance(s.Replace("{layer}", "0"), text)).ThenBy(s => s, StringComparer.Ordinal).Take(3);
        return $"No hook point '{text}'. Nearest: {string.Join(", ", nearest)}.";
    }
}
