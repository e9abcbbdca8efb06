namespace Interp;

/// <summary>Reads a Hugging Face tokenizer.json.</summary>
internal static class TokenizerJsonReader
{
    public static ITokenizer Read(JsonPart root, TokenizerConfig config)
    {
        var preTokenizer = root.Find("pre_tokenizer");
        var model = ModelReader.Read(root.Get("model"), PreTokenizerReader.IsByteLevel(preTokenizer));
        var added = AddedTokenReader.Join(AddedTokenReader.Read(root.Find("added_tokens")), config.Added);
        return new PipelineTokenizer(new PipelineParts
        {
            Vocabulary = model.Vocabulary,
            Model = model.Model,
            Normalizer = root.Find("normalizer") is { } normalizer ? NormalizerReader.Read(normalizer) : null,
            PreTokenizer = preTokenizer is { } splitter ? PreTokenizerReader.Read(splitter) : null,
            Decoder = root.Find("decoder") is { } decoder ? DecoderReader.Read(decoder) : null,
            AddedTokens = added,
            Special = Special(root, config, added, model.Vocabulary),
        });
    }

    private static SpecialTokens Special(JsonPart root, TokenizerConfig config, List<AddedToken> added, Vocabulary vocabulary)
    {
        int? Id(string? token) => token is null ? null : added.Find(each => each.Content == token)?.Id ?? vocabulary.Id(token);
        int? First(params string[] names) => names.Select(Id).FirstOrDefault(id => id is not null);
        var (before, after) = root.Find("post_processor") is { } post ? TemplateReader.Read(post, Id) : ([], []);
        var bos = Id(config.Bos) ?? (config.NamesBos ? null : First("<s>", "<|begin_of_text|>", "<bos>", "<|endoftext|>"));
        var eos = Id(config.Eos) ?? (config.NamesEos ? null : First("</s>", "<|end_of_text|>", "<eos>", "<|endoftext|>"));
        return new SpecialTokens
        {
            Bos = bos,
            Eos = eos,
            Pad = Id(config.Pad) ?? (config.NamesPad ? null : First("<pad>", "[PAD]", "<|padding|>")),
            Before = With(before, bos, config.AddsBos, atFront: true),
            After = With(after, eos, config.AddsEos, atFront: false),
        };
    }

    /// <summary>tokenizer_config.json, where it says so, decides about the beginning and the end; the template about the rest.</summary>
    private static List<int> With(List<int> template, int? token, bool? wanted, bool atFront)
    {
        if (token is not { } id || wanted is not { } adds || template.Contains(id) == adds)
            return template;
        if (!adds)
            return [.. template.Where(each => each != id)];
        return atFront ? [id, .. template] : [.. template, id];
    }
}
