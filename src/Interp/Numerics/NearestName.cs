namespace Interp;

/// <summary>Finds what a misspelt name may have meant.</summary>
internal static class NearestName
{
    /// <summary>A sentence that names the nearest of the known names, with a space before it; empty where nothing is known.</summary>
    public static string Hint(string wanted, IEnumerable<string> known, int count = 1)
    {
        var nearest = known
            .Select(name => (Name: name, Distance: Distance(wanted, name)))
            // A missing or superfluous prefix is the commonest slip, and no small edit.
            .OrderBy(pair => EndsIn(pair.Name, wanted) || EndsIn(wanted, pair.Name) ? 0 : 1)
            .ThenBy(pair => pair.Distance)
            .Take(count)
            .Select(pair => $"'{pair.Name}'")
            .ToArray();
        return nearest.Length == 0 ? "" : $" Nearest: {string.Join(", ", nearest)}.";
    }

    private static bool EndsIn(string name, string part) => name.EndsWith("." + part, StringComparison.Ordinal);

    /// <summary>How many characters must be put in, taken out or replaced to turn one text into the other (Levenshtein).</summary>
    public static int Distance(string a, string b)
    {
        var row = new int[b.Length + 1];
        for (var j = 0; j <= b.Length; j++)
            row[j] = j;
        for (var i = 1; i <= a.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= b.Length; j++)
            {
                var replaced = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.Min(replaced, 1 + Math.Min(row[j], row[j - 1]));
            }
        }
        return row[b.Length];
    }
}
