namespace Interp;

using System.Buffers;

/// <summary>
/// Byte-pair encoding. A piece starts as its smallest tokens and neighbours merge by rank:
/// 1. byte-level: each UTF-8 byte is a token; otherwise each character is one, where the vocabulary has it;
/// 2. a character that is not in the vocabulary becomes its byte tokens <c>&lt;0xNN&gt;</c> (byte fallback), else the unknown token, else nothing;
/// 3. the pair of lowest rank merges, leftmost first, until none applies.
/// </summary>
internal sealed class BpeModel : TokenModel
{
    private readonly Vocabulary vocabulary;
    private readonly MergeTable merges;
    private readonly BpeSettings settings;
    private readonly int unknown;
    private readonly int[] byteIds = new int[256];
    private readonly bool fallback;

    public BpeModel(Vocabulary vocabulary, MergeTable merges, BpeSettings settings)
    {
        (this.vocabulary, this.merges, this.settings) = (vocabulary, merges, settings);
        unknown = settings.UnknownToken is { } token ? vocabulary.Id(token) ?? -1 : -1;
        for (var b = 0; b < 256; b++)
            byteIds[b] = vocabulary.Id(settings.ByteLevel ? ByteAlphabet.Character((byte)b).ToString() : $"<0x{b:X2}>") ?? -1;
        fallback = settings.ByteFallback && !settings.ByteLevel;
    }

    public override bool ByteLevel => settings.ByteLevel;

    public override PreTokenizer? OwnSplitter =>
        !settings.ByteLevel && !settings.IgnoreMerges && settings.WordSuffix.Length == 0 && settings.ContinuingPrefix.Length == 0
        && MarkSplitter.IsSafe(vocabulary, merges) ? new MarkSplitter() : null;

    protected override Segmentation Segment(ReadOnlySpan<char> piece)
    {
        if (settings.IgnoreMerges && WholePiece(piece) is { } id)
            return new Segmentation([id], [new CharSpan(0, piece.Length)]);
        var symbols = ArrayPool<Symbol>.Shared.Rent(Math.Max(4, 4 * piece.Length));
        try
        {
            var count = settings.ByteLevel ? Bytes(piece, symbols) : Characters(piece, symbols);
            count = SymbolMerger.Merge(symbols.AsSpan(0, count), merges);
            return Result(symbols.AsSpan(0, count));
        }
        finally
        {
            ArrayPool<Symbol>.Shared.Return(symbols);
        }
    }

    private static Segmentation Result(ReadOnlySpan<Symbol> symbols)
    {
        var ids = new int[symbols.Length];
        var spans = new CharSpan[symbols.Length];
        for (var i = 0; i < symbols.Length; i++)
            (ids[i], spans[i]) = (symbols[i].Id, new CharSpan(symbols[i].Start, symbols[i].End));
        return new Segmentation(ids, spans);
    }

    private int? WholePiece(ReadOnlySpan<char> piece)
    {
        if (!settings.ByteLevel)
            return vocabulary.TryId(piece, out var plain) ? plain : null;
        return vocabulary.TryId(ByteAlphabet.Spell(piece), out var spelt) ? spelt : null;
    }

    private int Bytes(ReadOnlySpan<char> piece, Symbol[] symbols)
    {
        var count = 0;
        Span<byte> utf8 = stackalloc byte[4];
        for (var at = 0; at < piece.Length;)
        {
            var width = Utf8.Next(piece[at..], utf8, out var bytes);
            for (var b = 0; b < bytes; b++)
            {
                var id = byteIds[utf8[b]];
                if (id >= 0)
                    symbols[count++] = new Symbol(id, at, at + width);
                else
                    count = Unknown(symbols, count, at, at + width);
            }
            at += width;
        }
        return count;
    }

    private int Characters(ReadOnlySpan<char> piece, Symbol[] symbols)
    {
        var count = 0;
        for (var at = 0; at < piece.Length;)
        {
            var width = Utf8.Width(piece[at..]);
            var id = Initial(piece.Slice(at, width), isFirst: at == 0, isLast: at + width == piece.Length);
            if (id >= 0)
                symbols[count++] = new Symbol(id, at, at + width);
            else
                count = Missing(piece.Slice(at, width), symbols, count, at);
            at += width;
        }
        return count;
    }

    private int Initial(ReadOnlySpan<char> character, bool isFirst, bool isLast)
    {
        var prefix = isFirst ? "" : settings.ContinuingPrefix;
        var suffix = isLast ? settings.WordSuffix : "";
        if (prefix.Length == 0 && suffix.Length == 0)
            return vocabulary.TryId(character, out var plain) ? plain : -1;
        return vocabulary.TryId(string.Concat(prefix, character, suffix), out var id) ? id : -1;
    }

    private int Missing(ReadOnlySpan<char> character, Symbol[] symbols, int count, int at)
    {
        if (!fallback)
            return Unknown(symbols, count, at, at + character.Length);
        Span<byte> utf8 = stackalloc byte[4];
        Utf8.Next(character, utf8, out var bytes);
        foreach (var b in utf8[..bytes])
            if (byteIds[b] < 0)
                return Unknown(symbols, count, at, at + character.Length);
        foreach (var b in utf8[..bytes])
            symbols[count++] = new Symbol(byteIds[b], at, at + character.Length);
        return count;
    }

    private int Unknown(Symbol[] symbols, int count, int start, int end)
    {
        if (unknown < 0)
            return count;
        if (settings.FuseUnknown && count > 0 && symbols[count - 1].Id == unknown)
            symbols[count - 1].End = end;
        else
            symbols[count++] = new Symbol(unknown, start, end);
        return count;
    }
}
