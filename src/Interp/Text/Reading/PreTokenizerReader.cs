namespace Interp;

using System.Text.Json;

/// <summary>Reads the pre-tokenizer section of tokenizer.json.</summary>
internal static class PreTokenizerReader
{
    private const string Known =
        "Sequence, ByteLevel, Split, Metaspace, Whitespace, WhitespaceSplit, Digits, Punctuation, BertPreTokenizer, CharDelimiterSplit, FixedLength";

    public static PreTokenizer Read(JsonPart part)
    {
        var type = part.Get("type").Text();
        return type switch
        {
            "Sequence" => new SequencePreTokenizer([.. part.Get("pretokenizers").Items().Select(Read)]),
            "ByteLevel" => new ByteLevelPreTokenizer(part.Flag("add_prefix_space", true), part.Flag("use_regex", true)),
            "Split" => Split(part),
            "Metaspace" => Metaspace(part),
            "Whitespace" => new WhitespacePreTokenizer(),
            "WhitespaceSplit" => At(CharacterClass.IsSpace, SplitBehavior.Removed),
            "Digits" => new SplitPreTokenizer(
                new KindPattern(CharacterClass.IsNumber, runs: !part.Flag("individual_digits")), SplitBehavior.Isolated, invert: false),
            "Punctuation" => At(CharacterClass.IsPunctuation, part.Find("behavior") is { } behavior ? Behavior(behavior) : SplitBehavior.Isolated),
            "BertPreTokenizer" => Bert(),
            "CharDelimiterSplit" => new SplitPreTokenizer(
                new LiteralPattern(part.Get("delimiter").Text()), SplitBehavior.Removed, invert: false),
            "FixedLength" => FixedLength(part),
            _ => throw part.Unknown("pre-tokenizer", type, Known),
        };
    }

    /// <summary>BERT's: words between white space, each punctuation mark by itself.</summary>
    public static SequencePreTokenizer Bert() =>
        new([At(CharacterClass.IsSpace, SplitBehavior.Removed), At(CharacterClass.IsPunctuation, SplitBehavior.Isolated)]);

    /// <summary>Whether pieces are spelt in the byte-level alphabet: ByteLevel is the pre-tokenizer or one of a sequence.</summary>
    public static bool IsByteLevel(JsonPart? part) => part is { } some && some.Get("type").Text() switch
    {
        "ByteLevel" => true,
        "Sequence" => some.Get("pretokenizers").Items().Any(each => IsByteLevel(each)),
        _ => false,
    };

    private static SplitPreTokenizer At(Func<System.Text.Rune, bool> belongs, SplitBehavior behavior) =>
        new(new KindPattern(belongs, runs: false), behavior, invert: false);

    private static PreTokenizer Split(JsonPart part)
    {
        var pattern = part.Get("pattern");
        var behavior = Behavior(part.Get("behavior"));
        var invert = part.Flag("invert");
        // The well-known patterns match everything, so isolating the matches and removing what is between them are the same.
        if (behavior == (invert ? SplitBehavior.Removed : SplitBehavior.Isolated) && pattern.FindText("Regex") is { } regex && WellKnown(regex) is { } splitter)
            return splitter;
        return new SplitPreTokenizer(PatternReader.Read(pattern), behavior, invert);
    }

    private static PatternSplitter? WellKnown(string regex) => regex switch
    {
        Gpt2Splitter.Pattern => new Gpt2Splitter(),
        Cl100kSplitter.Llama3Pattern => new Cl100kSplitter(mostDigits: 3),
        Cl100kSplitter.Qwen2Pattern => new Cl100kSplitter(mostDigits: 1),
        _ => null,
    };

    private static MetaspacePreTokenizer Metaspace(JsonPart part)
    {
        var mark = part.Get("replacement").Text();
        if (mark.Length != 1)
            throw part.Error($"the replacement is one character, found '{mark}'");
        return new MetaspacePreTokenizer(mark[0], Prepend(part), part.Flag("split", true));
    }

    /// <summary>Reads <c>prepend_scheme</c>, or <c>add_prefix_space</c> of older files.</summary>
    public static MetaspacePrepend Prepend(JsonPart part) => part.FindText("prepend_scheme") switch
    {
        null => part.Flag("add_prefix_space", true) ? MetaspacePrepend.Always : MetaspacePrepend.Never,
        "always" => MetaspacePrepend.Always,
        "first" => MetaspacePrepend.First,
        "never" => MetaspacePrepend.Never,
        var other => throw part.Unknown("prepend_scheme", other, "always, first, never"),
    };

    private static FixedLengthPreTokenizer FixedLength(JsonPart part)
    {
        var length = part.Get("length").Int();
        return length > 0 ? new FixedLengthPreTokenizer(length) : throw part.Error($"the length {length} is not positive");
    }

    private static SplitBehavior Behavior(JsonPart part)
    {
        var name = part.Element.ValueKind == JsonValueKind.String ? part.Text() : throw part.Error("the name of a behavior was expected");
        return Enum.TryParse<SplitBehavior>(name, out var behavior) && Enum.IsDefined(behavior) && !char.IsAsciiDigit(name[0])
            ? behavior
            : throw part.Unknown("behavior", name, string.Join(", ", Enum.GetNames<SplitBehavior>()));
    }
}
