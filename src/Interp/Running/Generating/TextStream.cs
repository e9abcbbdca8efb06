namespace Interp;

/// <summary>The text of one row as its tokens arrive: what may be shown already, and where a stop string cuts it.</summary>
/// <remarks>Held back are bytes that are no whole character yet, and what may turn out to be the beginning of a stop string.</remarks>
internal sealed class TextStream
{
    private const char Incomplete = '\uFFFD';
    private readonly ITokenizer tokenizer;
    private readonly IReadOnlyList<string> stops;
    private readonly List<int> ids;
    private readonly string prompt;
    private int shown;

    public TextStream(ITokenizer tokenizer, IReadOnlyList<int> prompt, IReadOnlyList<string> stops)
    {
        (this.tokenizer, this.stops, ids) = (tokenizer, stops, [.. prompt]);
        this.prompt = tokenizer.Decode(ids, skipSpecial: true);
    }

    /// <summary>The new text, cut before a stop string.</summary>
    public string Text { get; private set; } = "";

    /// <summary>Whether a stop string was found.</summary>
    public bool Stopped { get; private set; }

    /// <summary>Adds a token and gives the text that can be shown since the last call.</summary>
    public string Add(int id)
    {
        ids.Add(id);
        // Decoding prompt and new tokens together keeps the space before the first new word.
        var whole = tokenizer.Decode(ids, skipSpecial: true);
        Text = whole[CommonPrefix(prompt, whole)..];
        var cut = stops.Select(stop => Text.IndexOf(stop, StringComparison.Ordinal)).Where(at => at >= 0).DefaultIfEmpty(-1).Min();
        if (cut >= 0)
            (Text, Stopped) = (Text[..cut], true);
        return Shown(Stopped ? Text.Length : Safe());
    }

    /// <summary>What was held back, once the row has ended.</summary>
    public string Rest() => Shown(Text.Length);

    private static int CommonPrefix(string a, string b) => a.AsSpan().CommonPrefixLength(b);

    private string Shown(int end)
    {
        end = Math.Max(end, shown);
        var piece = Text[Math.Min(shown, Text.Length)..Math.Min(end, Text.Length)];
        shown = Math.Min(end, Text.Length);
        return piece;
    }

    private int Safe()
    {
        var whole = Text.AsSpan().TrimEnd(Incomplete).Length;
        return whole - stops.Select(stop => Begun(stop, whole)).DefaultIfEmpty(0).Max();
    }

    // How many characters at the end of the text may be the beginning of a stop string.
    private int Begun(string stop, int end)
    {
        for (var length = Math.Min(stop.Length - 1, end); length > 0; length--)
            if (Text.AsSpan(0, end).EndsWith(stop.AsSpan(0, length), StringComparison.Ordinal))
                return length;
        return 0;
    }
}
