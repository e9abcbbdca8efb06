namespace Interp;

/// <summary>Makes a tokenizer of a SentencePiece model file (tokenizer.model).</summary>
internal static class SentencePieceReader
{
    private const char Mark = '\u2581';

    public static ITokenizer Read(string path, TokenizerConfig config)
    {
        var file = SentencePieceFile.Read(path);
        var vocabulary = Vocabulary.Create(
            [.. file.Pieces.Select((piece, id) => KeyValuePair.Create(Distinct(file, piece, id), id))], path);
        var added = AddedTokenReader.Join(AddedTokens(file), config.Added);
        int? Named(string? token, int id) =>
            token is not null ? added.Find(each => each.Content == token)?.Id ?? vocabulary.Id(token) : id >= 0 && id < file.Pieces.Count && file.Pieces[id].Kind == SentencePieceKind.Control ? id : null;
        var bos = Named(config.Bos, file.BosId);
        var eos = Named(config.Eos, file.EosId);
        return new PipelineTokenizer(new PipelineParts
        {
            Vocabulary = vocabulary,
            Model = file.IsUnigram ? Unigram(file, vocabulary) : BytePair(file, vocabulary),
            Normalizer = Normalizer(file, path),
            Decoder = Decoder(file),
            AddedTokens = added,
            Special = new SpecialTokens
            {
                Bos = bos,
                Eos = eos,
                Pad = Named(config.Pad, file.PadId),
                // Language models of this kind (Llama, Mistral, Gemma) begin every text, unless their configuration says otherwise.
                Before = bos is { } first && (config.AddsBos ?? !file.IsUnigram) ? [first] : [],
                After = eos is { } last && (config.AddsEos ?? false) ? [last] : [],
            },
        });
    }

    /// <summary>Damaged bytes can make two pieces read alike; only pieces that text can reach must differ.</summary>
    private static string Distinct(SentencePieceFile file, SentencePiece piece, int id) => piece.Text.Length > 0 ? piece.Text : $"<empty {id}>";

    private static List<AddedToken> AddedTokens(SentencePieceFile file)
    {
        var added = new Dictionary<string, AddedToken>(StringComparer.Ordinal);
        for (var id = 0; id < file.Pieces.Count; id++)
        {
            var (text, _, kind) = file.Pieces[id];
            if (kind is SentencePieceKind.Control or SentencePieceKind.Unknown)
                added.TryAdd(text, new AddedToken(id, text) { Special = true });
            else if (kind == SentencePieceKind.UserDefined)
                added.TryAdd(text, new AddedToken(id, text) { Normalized = true, Spelling = text });
        }
        return [.. added.Values];
    }

    /// <summary>
    /// SentencePiece merges the pair whose union is the piece of highest score. So every way to cut a piece in two pieces is a merge, and all of
    /// equal score have one rank.
    /// </summary>
    private static BpeModel BytePair(SentencePieceFile file, Vocabulary vocabulary)
    {
        var merges = new List<(int Left, int Right, int Rank, int Merged)>();
        var (rank, score) = (-1, float.NaN);
        foreach (var (piece, id) in file.Pieces.Select((piece, id) => (piece, id)).Where(each => IsText(each.piece)).OrderByDescending(each => each.piece.Score))
        {
            if (piece.Score != score)
                (rank, score) = (rank + 1, piece.Score);
            for (var cut = 1; cut < piece.Text.Length; cut++)
                if (!char.IsLowSurrogate(piece.Text[cut]) && Text(piece.Text.AsSpan(0, cut)) is { } left && Text(piece.Text.AsSpan(cut)) is { } right)
                    merges.Add((left, right, rank, id));
        }
        int? Text(ReadOnlySpan<char> part) => vocabulary.TryId(part, out var id) && IsText(file.Pieces[id]) ? id : null;
        var unknown = file.UnknownId >= 0 && file.UnknownId < file.Pieces.Count ? vocabulary.Token(file.UnknownId) : null;
        return new BpeModel(vocabulary, new MergeTable(merges), new BpeSettings { ByteFallback = file.ByteFallback, FuseUnknown = true, UnknownToken = unknown });
    }

    private static UnigramModel Unigram(SentencePieceFile file, Vocabulary vocabulary) => new(
        vocabulary,
        [.. file.Pieces.Select(piece => (double)piece.Score)],
        [.. file.Pieces.Select(piece => piece.Kind == SentencePieceKind.Normal)],
        file.UnknownId >= 0 && file.UnknownId < file.Pieces.Count ? file.UnknownId : -1,
        file.ByteFallback);

    private static bool IsText(SentencePiece piece) => piece.Kind is SentencePieceKind.Normal or SentencePieceKind.Unused;

    private static SequenceNormalizer Normalizer(SentencePieceFile file, string path)
    {
        var parts = new List<Normalizer>();
        if (file.CharacterMap.Length > 0)
            parts.Add(new CharacterMapNormalizer(new CharacterMap(file.CharacterMap, path), byGrapheme: false));
        if (file.RemoveExtraSpaces)
            parts.Add(new ExtraSpaceNormalizer());
        if (file.AddPrefix)
            parts.Add(new PrependNormalizer(" "));
        if (file.EscapeSpaces)
            parts.Add(new ReplaceNormalizer(new LiteralPattern(" "), Mark.ToString()));
        return new SequenceNormalizer(parts);
    }

    private static SequenceDecoder Decoder(SentencePieceFile file)
    {
        var parts = new List<TokenDecoder> { new ReplaceDecoder(new LiteralPattern(Mark.ToString()), " "), new ByteFallbackDecoder(), new FuseDecoder() };
        if (file.AddPrefix)
            parts.Add(new StripDecoder(' ', start: 1, stop: 0));
        return new SequenceDecoder(parts);
    }
}
