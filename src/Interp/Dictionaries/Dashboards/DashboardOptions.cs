namespace Interp;

using System.Collections.Immutable;

/// <summary>What feature dashboards show.</summary>
public sealed record DashboardOptions
{
    /// <summary>The defaults.</summary>
    public static DashboardOptions Default { get; } = new();

    /// <summary>Which features; empty for all.</summary>
    public ImmutableArray<int> Features { get; init; } = [];

    /// <summary>Tokens whose positions are left out, such as the beginning of a sequence.</summary>
    public ImmutableArray<int> Without { get; init; } = [];

    /// <summary>Texts with the largest activations, one place of each text.</summary>
    public int Top { get; init; } = 15;

    /// <summary>Into how many parts the range of activations is cut, by quantile.</summary>
    public int Bands { get; init; } = 4;

    /// <summary>Texts shown of each part.</summary>
    public int PerBand { get; init; } = 5;

    /// <summary>Activating places drawn at random, from which the parts are taken; 0 for eight times what is shown.</summary>
    public int Drawn { get; init; }

    /// <summary>Tokens shown before the place.</summary>
    public int Before { get; init; } = 14;

    /// <summary>Tokens shown behind it.</summary>
    public int After { get; init; } = 6;

    /// <summary>Logits shown at either end.</summary>
    public int Logits { get; init; } = 10;

    /// <summary>Similar features shown.</summary>
    public int Similar { get; init; } = 8;

    /// <summary>Most bytes that what is collected may take.</summary>
    public long ByteBudget { get; init; } = 1L << 30;

    /// <summary>Equal seeds draw equal places.</summary>
    public int Seed { get; init; }

    internal int Kept => Drawn > 0 ? Drawn : 8 * Bands * PerBand;

    internal int Window => Before + 1 + After;

    /// <exception cref="ArgumentException">A number is out of range; all violations are named.</exception>
    internal DashboardOptions Validated(int width)
    {
        (string Name, int Value, int Least)[] counts =
        [
            (nameof(Top), Top, 1), (nameof(Bands), Bands, 1), (nameof(PerBand), PerBand, 1), (nameof(Drawn), Drawn, 0), (nameof(Before), Before, 0),
            (nameof(After), After, 0), (nameof(Logits), Logits, 0), (nameof(Similar), Similar, 0),
        ];
        var problems = counts.Where(c => c.Value < c.Least).Select(c => $"{c.Name} is {c.Value}, at least {c.Least} is wanted").ToList();
        if (Features.FirstOrDefault(f => f < 0 || f >= width, -1) is var stray && Features.Any(f => f < 0 || f >= width))
            problems.Add($"feature {stray} is none of the dictionary's {width}");
        if (Features.Distinct().Count() != Features.Length)
            problems.Add("a feature is named twice");
        return problems.Count == 0 ? this : throw new ArgumentException($"Dashboards cannot be made: {string.Join("; ", problems)}.");
    }
}
