namespace Interp.Docs.Tests.Generated;

using Interp.Docs.Tests.Support;
using Interp.Extending;

/// <summary>The table of docs/models.md: the built-in families in the order of the registry, and what each makes of a configuration that leaves everything to it.</summary>
internal static class FamilyTable
{
    // Sizes under all the names that families know them by, and nothing else.
    private const string Sizes = """
        {"n_embd":64,"hidden_size":64,"n_layer":12,"num_hidden_layers":12,"num_layers":12,"n_head":4,"num_attention_heads":4,"num_heads":4,"head_dim":16,
         "intermediate_size":128,"ffn_dim":128,"vocab_size":50,"n_positions":32,"max_position_embeddings":32,"rotary_dim":8,"word_embed_proj_dim":64,
         "attention_types":[[["global","local"],6]],"window_size":16,"sliding_window":16}
        """;

    public static IEnumerable<string> Rows()
    {
        yield return "| architecture | what it is | norm | positions | MLP | more |";
        yield return "|---|---|---|---|---|---|";
        foreach (var family in Families())
        {
            var config = family.Describe(ConfigFile.Parse(Sizes, "sizes"));
            yield return $"| {string.Join(", ", family.Architectures.Select(name => $"`{name}`"))} | {XmlDocs.Of(family.GetType()).TrimEnd('.')} | {Norm(config)} | {Positions(config)} | {Mlp(config)} | {More(config)} |";
        }
    }

    private static IEnumerable<IModelFamily> Families() =>
        typeof(Models).Assembly.GetTypes()
            .Where(type => type.IsAssignableTo(typeof(IModelFamily)) && type is { IsClass: true, IsAbstract: false })
            .Select(type => (IModelFamily)Activator.CreateInstance(type)!)
            .OrderBy(family => Models.Architectures.ToList().IndexOf(family.Architectures[0]));

    private static string Norm(TransformerConfig config) => config.Norm == NormKind.Rms ? "RMS" : "Layer";

    private static string Positions(TransformerConfig config) => config.Positions switch
    {
        PositionKind.Rotary => config.Rotary.Dim(config.DHead) < config.DHead ? "rotary, part of a head" : "rotary",
        PositionKind.Alibi => "ALiBi",
        var kind => kind.ToString().ToLowerInvariant(),
    };

    private static string Mlp(TransformerConfig config) => (config.Experts > 0, config.GatedMlp) switch
    {
        (true, _) => $"{config.Experts} experts",
        (_, true) => "gated",
        _ => "plain",
    };

    private static string More(TransformerConfig config)
    {
        (bool Is, string Name)[] parts =
        [
            (config.ParallelBlocks, "parallel blocks"), (!config.PreNorms, "no norms before sublayers"), (config.PostNorms, "norms behind sublayers"),
            (config.QueryKeyNorm, "norms over queries and keys"), (config.EmbeddingNorm, "norm over the embedding"),
            (config.AttentionSoftCap > 0, "capped scores"), (config.LogitSoftCap > 0, "capped logits"), (config.LocalRotary is not null, "two rotary bases"),
            (Enumerable.Range(0, config.Layers).Count(layer => config.Window(layer) > 0) is var windows && windows == config.Layers, "a window in every layer"),
            (windows > 0 && windows < config.Layers, "a window in some layers"),
        ];
        return string.Join(", ", parts.Where(part => part.Is).Select(part => part.Name));
    }
}
