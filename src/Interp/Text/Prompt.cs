namespace Interp;

using System.Collections.Immutable;
using System.Text;

/// <summary>
/// A text in which stretches have names, such as the roles of an experiment. Written <c>"When {IO:Mary} and {S1:John} went"</c>; a brace that is
/// meant as a brace is doubled. Immutable.
/// </summary>
[TypeFormatterSource(typeof(NotebookFormatters))]
public sealed class Prompt
{
    /// <summary>A text with named stretches.</summary>
    /// <exception cref="ArgumentException">A stretch is empty or does not lie in the text.</exception>
    public Prompt(string text, IReadOnlyDictionary<string, CharSpan>? spans = null)
    {
        ArgumentNullException.ThrowIfNull(text);
        Text = text;
        Spans = spans is null ? ImmutableSortedDictionary<string, CharSpan>.Empty : spans.ToImmutableSortedDictionary(StringComparer.Ordinal);
        foreach (var (role, span) in Spans)
            if (span.Start < 0 || span.Length <= 0 || span.End > text.Length)
                throw new ArgumentException($"The stretch {span} of '{role}' is empty or not within the text of {text.Length} characters.", nameof(spans));
    }

    /// <summary>The text itself, without marks.</summary>
    public string Text { get; }

    /// <summary>The named stretches.</summary>
    public ImmutableSortedDictionary<string, CharSpan> Spans { get; }

    /// <summary>Reads a text with marks <c>{role:stretch}</c>.</summary>
    /// <param name="marked">The text; <c>{{</c> and <c>}}</c> are braces.</param>
    /// <exception cref="FormatException">A mark is not closed, has no role or no text, or a role is there twice.</exception>
    public static Prompt Parse(string marked)
    {
        ArgumentNullException.ThrowIfNull(marked);
        var text = new StringBuilder(marked.Length);
        var spans = new Dictionary<string, CharSpan>(StringComparer.Ordinal);
        for (var at = 0; at < marked.Length; at++)
        {
            var c = marked[at];
            if (c is not ('{' or '}'))
                text.Append(c);
            else if (at + 1 < marked.Length && marked[at + 1] == c)
                text.Append(marked[at++]);
            else if (c == '}')
                throw new FormatException($"'}}' at index {at} of '{marked}' closes nothing. Write '}}}}' for a brace.");
            else
                at = Mark(marked, at, text, spans);
        }
        return new Prompt(text.ToString(), spans);
    }

    /// <summary>A text without named stretches; braces in it are braces.</summary>
    public static implicit operator Prompt(string text) => new(text);

    /// <summary>The tokens of the text, with the positions of the named stretches.</summary>
    /// <exception cref="ArgumentException">The tokenizer cannot express the text.</exception>
    public TokenizedPrompt Tokenize(ITokenizer tokenizer, EncodeOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(tokenizer);
        return new TokenizedPrompt(this, tokenizer.Encode(Text, options));
    }

    /// <summary>The text.</summary>
    public override string ToString() => Text;

    /// <summary>Reads the mark that begins at <paramref name="at"/> and returns the index of its closing brace.</summary>
    private static int Mark(string marked, int at, StringBuilder text, Dictionary<string, CharSpan> spans)
    {
        var close = marked.IndexOf('}', at);
        var colon = close < 0 ? -1 : marked.IndexOf(':', at, close - at);
        if (colon <= at + 1 || colon + 1 == close)
            throw new FormatException($"The mark at index {at} of '{marked}' is not of the form {{role:text}}. Write '{{{{' for a brace.");
        var role = marked[(at + 1)..colon];
        var span = new CharSpan(text.Length, text.Length + close - colon - 1);
        if (!spans.TryAdd(role, span))
            throw new FormatException($"The role '{role}' is there twice in '{marked}'. Number them: {role}1, {role}2.");
        text.Append(marked, colon + 1, close - colon - 1);
        return close;
    }
}
