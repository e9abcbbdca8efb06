namespace Interp;

/// <summary>A token that is looked for in the text before anything else happens to it, with the flags of tokenizer.json.</summary>
internal sealed record AddedToken(int Id, string Content)
{
    /// <summary>Counts only between characters that are no word characters.</summary>
    public bool SingleWord { get; init; }

    /// <summary>Takes the white space before it with it.</summary>
    public bool StripLeft { get; init; }

    /// <summary>Takes the white space after it with it.</summary>
    public bool StripRight { get; init; }

    /// <summary>Is looked for, normalized, in the normalized text instead of in the text as given.</summary>
    public bool Normalized { get; init; }

    /// <summary>Is no text but a mark: left out where special tokens are skipped.</summary>
    public bool Special { get; init; }

    /// <summary>How the token is spelt in normalized text, where that is not what the normalizer makes of its content.</summary>
    public string? Spelling { get; init; }
}
