namespace Interp;

using System.Collections.Immutable;
using System.Text;

/// <summary>A text and its tokens: ids, where each lies in the text, and which are special. Immutable.</summary>
[TypeFormatterSource(typeof(NotebookFormatters))]
public sealed class TokenizedText : INotebookView
{
    private readonly Func<int, string> tokenText;
    private readonly Lazy<ImmutableArray<string>> tokens;

    /// <summary>For implementers of <see cref="ITokenizer"/>.</summary>
    /// <param name="text">The text as given.</param>
    /// <param name="ids">Token ids.</param>
    /// <param name="offsets">Range of each token in the text; empty for a token that was added.</param>
    /// <param name="special">Which tokens are special.</param>
    /// <param name="tokenText">The display string of an id; called when <see cref="Tokens"/> is first read.</param>
    /// <exception cref="ArgumentException">The three arrays are not of one length.</exception>
    public TokenizedText(
        string text, ImmutableArray<int> ids, ImmutableArray<CharSpan> offsets, ImmutableArray<bool> special, Func<int, string> tokenText)
    {
        if (ids.Length != offsets.Length || ids.Length != special.Length)
            throw new ArgumentException($"{ids.Length} ids, {offsets.Length} offsets and {special.Length} special marks: they must be as many.");
        (Text, Ids, Offsets, Special) = (text, ids, offsets, special);
        this.tokenText = tokenText;
        tokens = new(() => ImmutableArray.CreateRange(ids, tokenText));
    }

    /// <summary>The text as it was given.</summary>
    public string Text { get; }

    /// <summary>Token ids, <c>[pos]</c>.</summary>
    public ImmutableArray<int> Ids { get; }

    /// <summary>The display string of each token, <c>[pos]</c>; see <see cref="ITokenizer.TokenText"/>.</summary>
    public ImmutableArray<string> Tokens => tokens.Value;

    /// <summary>
    /// The range of <see cref="Text"/> that each token stands for, <c>[pos]</c>, leading space included; empty for tokens that were added.
    /// Tokens that share a character's bytes overlap there.
    /// </summary>
    public ImmutableArray<CharSpan> Offsets { get; }

    /// <summary>Which tokens are special, <c>[pos]</c>, whether added or written in the text.</summary>
    public ImmutableArray<bool> Special { get; }

    /// <summary>How many tokens there are.</summary>
    public int Length => Ids.Length;

    /// <summary>The positions of the tokens that share at least one character with a range of the text, ascending; empty when none does.</summary>
    public ImmutableArray<int> PositionsOf(CharSpan span) =>
        [.. Enumerable.Range(0, Length).Where(position => Offsets[position].Overlaps(span))];

    /// <summary>The first tokens of this text; the whole when it has no more.</summary>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="count"/> is negative.</exception>
    public TokenizedText Truncate(int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        return count >= Length ? this : new(Text, Ids[..count], Offsets[..count], Special[..count], tokenText);
    }

    /// <summary>Checks that two texts can be compared position by position.</summary>
    /// <param name="other">The other text.</param>
    /// <exception cref="ArgumentException">They have different numbers of tokens; the message shows both and where they part.</exception>
    public void RequireSameLength(TokenizedText other)
    {
        ArgumentNullException.ThrowIfNull(other);
        if (Length == other.Length)
            return;
        var first = Enumerable.Range(0, Math.Min(Length, other.Length)).FirstOrDefault(i => Ids[i] != other.Ids[i], Math.Min(Length, other.Length));
        throw new ArgumentException(
            $"The prompts have {Length} and {other.Length} tokens, so their positions do not correspond; they part at position {first}."
            + $"{Environment.NewLine}  {Length,3}: {this}{Environment.NewLine}  {other.Length,3}: {other}{Environment.NewLine}"
            + "Choose words of as many tokens.", nameof(other));
    }

    string INotebookView.Html => Html([]);

    /// <summary>The tokens, divided by <c>|</c>: <c>&lt;s&gt;| Lily| went</c>.</summary>
    public override string ToString() => string.Join('|', Tokens);

    /// <summary>The tokens as a row of boxes, each with its position and id on hover, for notebooks.</summary>
    /// <param name="roles">Positions that have a name.</param>
    internal string Html(IEnumerable<(int Position, string Role)> roles)
    {
        var named = roles.ToLookup(r => r.Position, r => r.Role);
        var html = new StringBuilder();
        for (var i = 0; i < Length; i++)
        {
            var hover = $"{i}: id {Ids[i]}{(Special[i] ? ", special" : "")}{string.Concat(named[i].Select(role => $", {role}"))}";
            html.Append("<span style=\"border:1px solid;border-radius:3px;padding:2px 3px;margin-right:2px;white-space:pre;")
                .Append(named.Contains(i) ? "font-weight:bold" : "").Append("\" title=\"").Append(DisplayText.Html(hover)).Append("\">")
                .Append(DisplayText.Html(DisplayText.Token(Tokens[i]))).Append("</span>");
        }
        return NotebookHtml.Under($"{Length} tokens", $"<div style=\"font-family:monospace;line-height:2\">{html}</div>");
    }
}
