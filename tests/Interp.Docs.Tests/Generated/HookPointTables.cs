namespace Interp.Docs.Tests.Generated;

using System.Reflection;
using System.Text.RegularExpressions;
using Interp.Docs.Tests.Support;
using TorchSharp;
using static TorchSharp.torch;

/// <summary>The tables of docs/hook-points.md: what the vocabulary declares, and in which small models it is there.</summary>
internal static partial class HookPointTables
{
    private const string Plain = "plain";

    private static readonly TransformerConfig Small = new() { Layers = 1, DModel = 8, Heads = 2, DHead = 4, DMlp = 12, DVocab = 7, Context = 6 };

    // Each differs from the plain one, a GPT-2, by one property.
    private static readonly (string Name, TransformerConfig Config)[] Kinds =
    [
        (Plain, Small),
        ("rotary positions", Small with { Positions = PositionKind.Rotary }),
        ("gated MLPs", Small with { GatedMlp = true }),
        ("experts", Small with { GatedMlp = true, Experts = 2, ExpertsPerToken = 1 }),
        ("SoLU with its norm", Small with { Activation = Activation.SoluLayerNorm }),
        ("norms over queries and keys", Small with { QueryKeyNorm = true }),
        ("norms behind the sublayers", Small with { PostNorms = true }),
        ("attention alone", Small with { DMlp = 0 }),
        ("parallel blocks", Small with { ParallelBlocks = true }),
    ];

    private static readonly Lazy<Dictionary<string, Site[]>> Present = new(() => Kinds.ToDictionary(kind => kind.Name, kind => SitesOf(kind.Config)));

    /// <summary>A row for each built-in site, in the order of their declaration.</summary>
    public static IEnumerable<string> Named()
    {
        yield return "| hook point | in C# | axes | what | where |";
        yield return "|---|---|---|---|---|";
        foreach (var property in typeof(Sites).GetProperties(BindingFlags.Public | BindingFlags.Static))
            yield return Row((Site)property.GetValue(null)!, $"`{property.Name}`", XmlDocs.Of(property));
    }

    /// <summary>A row for each site that components bring without a name of its own in <see cref="Sites"/>.</summary>
    public static IEnumerable<string> Others()
    {
        yield return "| hook point | axes | what | where |";
        yield return "|---|---|---|---|";
        var named = typeof(Sites).GetProperties(BindingFlags.Public | BindingFlags.Static).Select(property => property.GetValue(null)).ToHashSet();
        var others = Present.Value.Values.SelectMany(sites => sites).Distinct().Where(site => !named.Contains(site) && !site.Leaf.Contains("experts.1.", StringComparison.Ordinal));
        foreach (var site in others)
            yield return Row(site, null, What(site));
    }

    /// <summary>A row for each hook point that a spliced dictionary adds.</summary>
    public static IEnumerable<string> OfDictionaries()
    {
        yield return "| hook point | in C# | axes | what |";
        yield return "|---|---|---|---|";
        var added = new DictionarySites(Sites.ResidPost);
        foreach (var property in typeof(DictionarySites).GetProperties(BindingFlags.Public | BindingFlags.Instance))
            if (property.GetValue(added) is Site site)
                yield return $"| `{site}` | `{property.Name}` | {Axes(site)} | {XmlDocs.Of(property)} |";
    }

    private static string Row(Site site, string? name, string what) =>
        $"| `{Number().Replace(site.ToString(), ".{expert}.")}` |{(name is null ? "" : $" {name} |")} {Axes(site)} | {what}{(site.Lazy ? "; computed only when asked for" : "")} | {Where(site)} |";

    private static string Axes(Site site) => $"[{string.Join(", ", site.Axes.Select(axis => axis == "one" ? "1" : axis))}]";

    private static string What(Site site) => site.Leaf switch
    {
        _ when typeof(ExpertMlp).GetProperties(BindingFlags.Public | BindingFlags.Static).FirstOrDefault(p => p.GetValue(null) == site) is { } property => XmlDocs.Of(property),
        _ when site.Leaf.EndsWith("hook_scale", StringComparison.Ordinal) => "Scale of that norm",
        _ when site.Leaf.EndsWith("hook_normalized", StringComparison.Ordinal) => "Output of that norm: after the gain for LayerNorm, before it for RMSNorm",
        _ when site.Leaf.EndsWith("hook_gate", StringComparison.Ordinal) => "Pre-activation of an expert's gate, a row for each token that chose it",
        _ when site.Leaf.EndsWith("hook_pre", StringComparison.Ordinal) => "An expert's linear branch",
        _ => "Input of an expert's down-projection",
    };

    private static string Where(Site site)
    {
        var (having, lacking) = (Kinds.Where(kind => Present.Value[kind.Name].Contains(site)).ToArray(), Kinds.Where(kind => !Present.Value[kind.Name].Contains(site)).ToArray());
        if (lacking.Length == 0)
            return "every model";
        return having.Any(kind => kind.Name == Plain)
            ? $"not with {string.Join(", ", lacking.Select(kind => kind.Name))}"
            : $"with {string.Join(", ", having.Select(kind => kind.Name))}";
    }

    private static Site[] SitesOf(TransformerConfig config)
    {
        using var model = config.Experts > 0 ? OfExperts(config) : config.Initialise(seed: 0);
        return [.. model.HookNames.Select(name => name.Site).Distinct()];
    }

    private static HookedTransformer OfExperts(TransformerConfig config)
    {
        using var scope = NewDisposeScope();
        Tensor Zeros(params long[] shape) => zeros(shape).DetachFromDisposeScope();
        NormWeights Norm() => new() { Gain = Zeros(config.DModel), Bias = Zeros(config.DModel) };
        MlpWeights Expert() => new() { In = Zeros(config.DModel, 2 * config.DMlp), Out = Zeros(config.DMlp, config.DModel) };
        return HookedTransformer.Create(config, new TransformerWeights
        {
            Embedding = Zeros(config.DVocab, config.DModel),
            Positions = Zeros(config.Context, config.DModel),
            Blocks =
            [
                new BlockWeights
                {
                    Norm1 = Norm(), Norm2 = Norm(),
                    Attention = new AttentionWeights { Qkv = Zeros(config.DModel, 3 * config.DModel), Output = Zeros(config.DModel, config.DModel) },
                    Experts = new ExpertWeights { Router = Zeros(config.DModel, config.Experts), Experts = [Expert(), Expert()] },
                },
            ],
            FinalNorm = Norm(),
            Unembedding = Zeros(config.DModel, config.DVocab),
        });
    }

    [GeneratedRegex(@"\.\d+\.")]
    private static partial Regex Number();
}
