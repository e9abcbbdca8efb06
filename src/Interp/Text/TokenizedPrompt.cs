namespace Interp;

using System.Collections.Immutable;

/// <summary>A prompt and its tokens: where each role stands. Immutable.</summary>
[TypeFormatterSource(typeof(NotebookFormatters))]
public sealed class TokenizedPrompt : INotebookView
{
    internal TokenizedPrompt(Prompt prompt, TokenizedText tokens) => (Prompt, Tokens) = (prompt, tokens);

    /// <summary>The prompt.</summary>
    public Prompt Prompt { get; }

    /// <summary>Its tokens.</summary>
    public TokenizedText Tokens { get; }

    /// <summary>The positions of a role's tokens, ascending; a token that the role shares with its surroundings counts.</summary>
    /// <exception cref="KeyNotFoundException">The prompt has no such role; the message lists those it has.</exception>
    public ImmutableArray<int> Positions(string role)
    {
        if (!Prompt.Spans.TryGetValue(role, out var span))
            throw new KeyNotFoundException(
                $"The prompt has no role '{role}'. Roles: {(Prompt.Spans.IsEmpty ? "none; write {role:text}" : string.Join(", ", Prompt.Spans.Keys))}.");
        return Tokens.PositionsOf(span);
    }

    /// <summary>The position of a role's last token, where a model knows the whole word.</summary>
    /// <exception cref="KeyNotFoundException">The prompt has no such role.</exception>
    public int Last(string role) => Positions(role)[^1];

    /// <summary>
    /// The position of a role in this prompt and in another, checked to be the same tokens' places: what a comparison by role needs.
    /// </summary>
    /// <exception cref="ArgumentException">The role stands at other positions in the other prompt; the message shows both.</exception>
    public ImmutableArray<int> PositionsShared(string role, TokenizedPrompt other)
    {
        ArgumentNullException.ThrowIfNull(other);
        var (mine, theirs) = (Positions(role), other.Positions(role));
        return mine.SequenceEqual(theirs) ? mine : throw new ArgumentException(
            $"'{role}' is at positions {string.Join(", ", mine)} of {Tokens}, but at {string.Join(", ", theirs)} of {other.Tokens}.", nameof(other));
    }

    string INotebookView.Html => Tokens.Html(Prompt.Spans.Keys.SelectMany(role => Positions(role).Select(position => (position, role))));

    /// <summary>The tokens, divided by <c>|</c>, and where each role stands.</summary>
    public override string ToString() => Prompt.Spans.IsEmpty ? Tokens.ToString() : $"{Tokens} ({string.Join(", ", Prompt.Spans.Keys.Select(role => $"{role} at {string.Join(" ", Positions(role))}"))})";
}
