namespace Interp;

using System.Text.Json;

/// <summary>Two texts that differ in one respect, one of them right.</summary>
/// <param name="Good">The right one.</param>
/// <param name="Bad">The wrong one.</param>
public sealed record MinimalPair(string Good, string Bad)
{
    /// <summary>Reads pairs from a file of BLiMP's form: one JSON object a line, with <c>sentence_good</c> and <c>sentence_bad</c>.</summary>
    /// <param name="path">The file.</param>
    /// <param name="count">How many pairs at most, from the beginning.</param>
    /// <exception cref="InvalidDataException">A line is no such object.</exception>
    /// <remarks>Warstadt et al. 2020, "BLiMP: The Benchmark of Linguistic Minimal Pairs for English".</remarks>
    public static IReadOnlyList<MinimalPair> ReadJsonLines(string path, int count = int.MaxValue)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        List<MinimalPair> pairs = [];
        foreach (var (line, number) in File.ReadLines(path).Select((line, i) => (line, i + 1)).Where(l => l.line.Length > 0).Take(count))
            pairs.Add(Read(line) ?? throw new InvalidDataException($"Line {number} of '{path}' is no minimal pair: wanted a JSON object with sentence_good and sentence_bad."));
        return pairs;
    }

    private static MinimalPair? Read(string line)
    {
        try
        {
            using var json = JsonDocument.Parse(line);
            return json.RootElement is { ValueKind: JsonValueKind.Object } pair
                && pair.TryGetProperty("sentence_good", out var good) && pair.TryGetProperty("sentence_bad", out var bad)
                && good.ValueKind == JsonValueKind.String && bad.ValueKind == JsonValueKind.String
                ? new MinimalPair(good.GetString()!, bad.GetString()!)
                : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
