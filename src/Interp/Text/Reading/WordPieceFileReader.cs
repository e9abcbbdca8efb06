namespace Interp;

/// <summary>Reads BERT's vocab.txt: one token a line, its id the line's number from 0.</summary>
internal static class WordPieceFileReader
{
    public static ITokenizer Read(string path, TokenizerConfig config)
    {
        var lines = File.ReadAllLines(path);
        var vocabulary = Vocabulary.Create([.. lines.Select((token, id) => KeyValuePair.Create(token, id)).Where(each => each.Key.Length > 0)], path);
        var special = new[] { "[PAD]", config.Unknown ?? "[UNK]", "[CLS]", "[SEP]", "[MASK]" }.Where(token => vocabulary.Id(token) is not null).ToArray();
        var lowercase = config.Lowercases ?? true;
        int Id(string token) => vocabulary.Id(token)
            ?? throw new InvalidDataException($"{path}: none of the {lines.Length} lines is {token}, so this is no vocabulary of BERT's kind.");
        return new PipelineTokenizer(new PipelineParts
        {
            Vocabulary = vocabulary,
            Model = new WordPieceModel(vocabulary, Id(config.Unknown ?? "[UNK]"), "##", longestWord: 100),
            Normalizer = NormalizerReader.BertNormalizers(
                clean: true, config.SpacesChinese ?? true, config.StripsAccents ?? lowercase, lowercase),
            PreTokenizer = PreTokenizerReader.Bert(),
            Decoder = new WordPieceDecoder("##", cleanUp: true),
            AddedTokens = [.. special.Select(token => new AddedToken(Id(token), token) { Special = true })],
            Special = new SpecialTokens { Pad = vocabulary.Id("[PAD]"), Before = [Id("[CLS]")], After = [Id("[SEP]")] },
        });
    }
}
