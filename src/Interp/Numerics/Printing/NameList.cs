namespace Interp;

/// <summary>Lists of names in a line of text.</summary>
internal static class NameList
{
    /// <summary>The first names, and how many there are where some are left out.</summary>
    public static string Short<T>(IEnumerable<T> names, string separator = ", ", int shown = 6)
    {
        var all = names.ToArray();
        return string.Join(separator, all.Take(shown)) + (all.Length > shown ? $"{separator}... ({all.Length} in all)" : "");
    }
}
