namespace Interp;

/// <summary>The four kinds of characters that byte-level tokenizers tell apart.</summary>
internal enum CharacterKind : byte
{
    /// <summary>Neither letter, number nor space.</summary>
    Other,
    Letter,
    Number,
    Space,
}
