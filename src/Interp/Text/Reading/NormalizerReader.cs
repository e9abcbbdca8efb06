namespace Interp;

/// <summary>Reads the normalizer section of tokenizer.json.</summary>
internal static class NormalizerReader
{
    private const string Known = "Sequence, NFC, NFD, NFKC, NFKD, Lowercase, Strip, StripAccents, Prepend, Replace, BertNormalizer, Nmt, Precompiled";

    public static Normalizer Read(JsonPart part)
    {
        var type = part.Get("type").Text();
        return type switch
        {
            "Sequence" => new SequenceNormalizer([.. part.Get("normalizers").Items().Select(Read)]),
            "NFC" => new FormNormalizer(compose: true, compatibility: false),
            "NFD" => new FormNormalizer(compose: false, compatibility: false),
            "NFKC" => new FormNormalizer(compose: true, compatibility: true),
            "NFKD" => new FormNormalizer(compose: false, compatibility: true),
            "Lowercase" => new RuneNormalizer(RuneChanges.Lowercase),
            "Strip" => new StripNormalizer(part.Flag("strip_left", true), part.Flag("strip_right", true)),
            "StripAccents" => new RuneNormalizer(RuneChanges.StripMark),
            "Prepend" => new PrependNormalizer(part.Get("prepend").Text()),
            "Replace" => new ReplaceNormalizer(PatternReader.Read(part.Get("pattern")), part.Get("content").Text()),
            "BertNormalizer" => Bert(part),
            "Nmt" => new RuneNormalizer(RuneChanges.Nmt),
            "Precompiled" => new CharacterMapNormalizer(new CharacterMap(part.Get("precompiled_charsmap").Base64(), part.Path), byGrapheme: true),
            _ => throw part.Unknown("normalizer", type, Known),
        };
    }

    private static SequenceNormalizer Bert(JsonPart part)
    {
        var lowercase = part.Flag("lowercase", true);
        return BertNormalizers(
            part.Flag("clean_text", true), part.Flag("handle_chinese_chars", true), part.Flag("strip_accents", lowercase), lowercase);
    }

    /// <summary>BERT's normalizer from its four switches.</summary>
    public static SequenceNormalizer BertNormalizers(bool clean, bool chinese, bool stripAccents, bool lowercase)
    {
        var parts = new List<Normalizer>();
        if (clean)
            parts.Add(new RuneNormalizer(RuneChanges.CleanForBert));
        if (chinese)
            parts.Add(new RuneNormalizer(RuneChanges.SpaceAroundChinese));
        if (stripAccents)
            parts.AddRange([new FormNormalizer(compose: false, compatibility: false), new RuneNormalizer(RuneChanges.StripNonSpacingMark)]);
        if (lowercase)
            parts.Add(new RuneNormalizer(RuneChanges.Lowercase));
        return new SequenceNormalizer(parts);
    }
}
