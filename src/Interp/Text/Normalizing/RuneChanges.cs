namespace Interp;

using System.Globalization;
using System.Text;

/// <summary>The changes of single characters that normalizers are made of; null leaves the character as it is.</summary>
internal static class RuneChanges
{
    /// <summary>Lower case, without regard to any language; <c>İ</c> becomes <c>i</c> and a dot, as Unicode's full mapping has it.</summary>
    public static string? Lowercase(Rune rune)
    {
        if (rune.Value == 0x130)
            return "i\u0307";
        var lower = Rune.ToLowerInvariant(rune);
        return lower == rune ? null : lower.ToString();
    }

    /// <summary>Takes away marks that stand on another character (category Mn).</summary>
    public static string? StripNonSpacingMark(Rune rune) => Rune.GetUnicodeCategory(rune) == UnicodeCategory.NonSpacingMark ? "" : null;

    /// <summary>Takes away every mark (category M).</summary>
    public static string? StripMark(Rune rune) => Rune.GetUnicodeCategory(rune)
        is UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark or UnicodeCategory.EnclosingMark ? "" : null;

    /// <summary>BERT's cleaning: control characters fall away, every white space is a space.</summary>
    public static string? CleanForBert(Rune rune)
    {
        if (rune.Value is '\t' or '\n' or '\r' || Rune.GetUnicodeCategory(rune) == UnicodeCategory.SpaceSeparator || Rune.IsWhiteSpace(rune))
            return rune.Value == ' ' ? null : " ";
        return rune.Value is 0 or 0xFFFD || Rune.GetUnicodeCategory(rune)
            is UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned ? "" : null;
    }

    /// <summary>Spaces around each Chinese character.</summary>
    public static string? SpaceAroundChinese(Rune rune) => rune.Value
        is >= 0x4E00 and <= 0x9FFF or >= 0x3400 and <= 0x4DBF or >= 0x20000 and <= 0x2A6DF or >= 0x2A700 and <= 0x2B73F
        or >= 0x2B740 and <= 0x2B81F or >= 0x2B920 and <= 0x2CEAF or >= 0xF900 and <= 0xFAFF or >= 0x2F800 and <= 0x2FA1F ? $" {rune} " : null;

    /// <summary>The Nmt normalizer: control characters fall away, special spaces become a space.</summary>
    public static string? Nmt(Rune rune) => rune.Value switch
    {
        (>= 0x01 and <= 0x08) or 0x0B or (>= 0x0E and <= 0x1F) or 0x7F or 0x8F or 0x9F => "",
        0x09 or 0x0A or 0x0C or 0x0D or 0x1680 or (>= 0x200B and <= 0x200F) or 0x2028 or 0x2029 or 0x2581 or 0xFEFF or 0xFFFD => " ",
        _ => null,
    };
}
