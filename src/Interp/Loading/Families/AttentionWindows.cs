namespace Interp;

using System.Collections.Immutable;
using Interp.Extending;

/// <summary>Reads how far back each layer's queries see, in the spellings of Hugging Face's configurations.</summary>
internal static class AttentionWindows
{
    private const string Window = "sliding_window";
    private const string Types = "layer_types";
    private const int MostLayers = 10_000;

    /// <summary>One window in every layer.</summary>
    /// <param name="config">The model's config.json.</param>
    /// <param name="fallback">The window where the configuration has none; 0 for none.</param>
    public static ImmutableArray<int> Everywhere(ConfigFile config, int fallback = 0)
    {
        var window = config.Int(Window, fallback);
        var layers = Checked(config, config.Int("num_hidden_layers"));
        return window > 0 ? [.. Enumerable.Repeat(window, layers)] : [];
    }

    /// <summary>A window in the layers that <c>layer_types</c> names, else in those from <c>max_window_layers</c> on; none unless <c>use_sliding_window</c>.</summary>
    public static ImmutableArray<int> InUpperLayers(ConfigFile config)
    {
        if (!config.Flag("use_sliding_window", false))
            return [];
        var first = config.Int("max_window_layers", 28);
        return ByLayer(config, config.Int(Window, 4096), config.Int("num_hidden_layers"), layer => layer >= first);
    }

    /// <summary>A window in the layers that <c>layer_types</c> names, else in those that a rule names.</summary>
    /// <param name="config">The model's config.json.</param>
    /// <param name="window">The window.</param>
    /// <param name="layers">How many layers there are.</param>
    /// <param name="local">Which layers have it, where the configuration does not say.</param>
    /// <exception cref="InvalidDataException">A type is not known, or their number is not that of the layers.</exception>
    public static ImmutableArray<int> ByLayer(ConfigFile config, int window, int layers, Func<int, bool> local)
    {
        var types = config.Texts(Types);
        if (types.Count == 0)
            return [.. Enumerable.Range(0, Checked(config, layers)).Select(layer => local(layer) ? window : 0)];
        if (types.Count != layers)
            throw config.Error($"'{Types}' has {types.Count} entries for {layers} layers");
        return [.. types.Select(type => type switch
        {
            "sliding_attention" => window,
            "full_attention" => 0,
            var other => throw config.Error($"'{Types}' has '{other}', and known are full_attention, sliding_attention"),
        })];
    }

    // A damaged number must not become a list of its length.
    private static int Checked(ConfigFile config, int layers) =>
        layers is >= 0 and <= MostLayers ? layers : throw config.Error($"{layers} layers; at most {MostLayers} are read");
}
