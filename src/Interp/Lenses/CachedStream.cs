namespace Interp;

using System.Globalization;
using TorchSharp;
using static TorchSharp.torch;

/// <summary>Reads captured activations at some positions, in one shape however they were captured.</summary>
internal static class CachedStream
{
    /// <summary>An activation at positions; with all positions meant, as it was captured.</summary>
    /// <returns>[rows, place, ..], a view where that is possible.</returns>
    /// <exception cref="KeyNotFoundException">It was not captured at these positions; the message says what to capture.</exception>
    public static Tensor At(ActivationCache cache, HookName name, Indices positions) =>
        Find(cache, name, positions) ?? throw new KeyNotFoundException(
            $"'{name}' was not captured{(positions.IsAll ? "" : $" at positions {positions}")}. Add Capture({name.Site}) to the run, whole or at these positions.");

    /// <summary>The same, or null where it was not captured.</summary>
    public static Tensor? Find(ActivationCache cache, HookName name, Indices positions)
    {
        var unit = ((Unit)name).At(positions);
        if (cache.FindExactly(name, unit) is { } part)
            return Placed(part, name);
        if (positions.IsAll)
            return cache.TryGet(name, out var any) ? Placed(any, name) : null;
        if (cache.FindExactly(name, name) is not { } whole)
            return null;
        if (positions.IsPerRow && cache.Input is null)
            throw new InvalidOperationException($"{positions} differs from row to row, and this cache does not hold the prompts: give positions as numbers.");
        return Placed(Selection.Resolve(unit, whole.shape, cache.Input!, 0, false)!.Read(whole), name);
    }

    /// <summary>The labels of the rows of the batch.</summary>
    public static Axis Prompts(long rows) => new("prompt", (int)rows);

    /// <summary>The labels of the places: their numbers, with the token where there is one prompt and the model has a tokenizer.</summary>
    public static Axis Places(ActivationCache cache, Indices positions, long count)
    {
        if (Columns(cache.Input, positions, count) is not { } columns)
            return new Axis("pos", count == 1 && positions.IsPerRow ? [positions.ToString()] : [.. Enumerable.Range(0, (int)count).Select(Number)]);
        var tokens = cache.Input is { Batch: 1, Mask: null } input && cache.Model.Tokenizer is not null ? input.Rows[0] : default;
        return new Axis("pos", columns.Select(c => tokens.IsDefault ? Number(c) : $"{Number(c)} {cache.Model.TokenText(tokens[c])}"));
    }

    /// <summary>The columns that the places are in every prompt; null where that is not known or differs.</summary>
    public static int[]? Columns(RunInput? input, Indices positions, long count)
    {
        if (input is null)
            return null;
        var columns = input.Columns(positions);
        return columns[0].Length == count && columns.All(c => c.SequenceEqual(columns[0])) ? columns[0] : null;
    }

    private static string Number(int value) => value.ToString(CultureInfo.InvariantCulture);

    // A single position captured alone has lost its axis.
    private static Tensor Placed(Tensor activation, HookName name)
    {
        var missing = name.Site.Axes.Length - activation.dim();
        return missing switch
        {
            0 => activation,
            1 => activation.unsqueeze(1), // [rows, 1, ..]
            _ => throw new InvalidOperationException($"'{name}' was captured in part, as [{string.Join(", ", activation.shape)}]: capture it whole, or at positions only."),
        };
    }
}
