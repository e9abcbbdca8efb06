namespace Interp;

using System.Globalization;
using System.Text;

/// <summary>Classes of characters, asked of whole runes: letters and digits outside the Basic Multilingual Plane count.</summary>
internal static class CharacterClass
{
    /// <summary><c>\p{L}</c></summary>
    public static bool IsLetter(Rune rune) => Rune.IsLetter(rune);

    /// <summary><c>\p{N}</c></summary>
    public static bool IsNumber(Rune rune) => Rune.IsNumber(rune);

    /// <summary><c>\s</c></summary>
    public static bool IsSpace(Rune rune) => Rune.IsWhiteSpace(rune);

    /// <summary><c>\w</c>: letters, marks, decimal digits, connectors.</summary>
    public static bool IsWord(Rune rune) => Rune.IsLetter(rune) || Rune.GetUnicodeCategory(rune)
        is UnicodeCategory.DecimalDigitNumber or UnicodeCategory.LetterNumber or UnicodeCategory.ConnectorPunctuation
        or UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark or UnicodeCategory.EnclosingMark;

    /// <summary>Punctuation as BERT has it: ASCII that is no letter, digit, space or control, and <c>\p{P}</c>.</summary>
    public static bool IsPunctuation(Rune rune) =>
        rune.Value is >= '!' and <= '/' or >= ':' and <= '@' or >= '[' and <= '`' or >= '{' and <= '~' || Rune.IsPunctuation(rune);
}
