namespace Interp;

/// <summary>How a tuned lens is trained; the defaults are the reference recipe's.</summary>
public sealed record TunedLensOptions
{
    /// <summary>The defaults.</summary>
    public static TunedLensOptions Default { get; } = new();

    /// <summary>Number of steps.</summary>
    public int Steps { get; init; } = 250;

    /// <summary>Batches whose gradients are averaged in a step; the reference takes 2^18 tokens a step.</summary>
    public int BatchesPerStep { get; init; } = 1;

    /// <summary>The optimiser.</summary>
    public TunedLensOptimizer Optimizer { get; init; } = TunedLensOptimizer.Nesterov;

    /// <summary>A factor of the optimiser's own rate: 1 - momentum for Nesterov, 1e-3 for Adam. The rate falls linearly to nothing.</summary>
    public double RateScale { get; init; } = 1;

    /// <summary>Momentum, or decay of the mean of gradients.</summary>
    public double Momentum { get; init; } = 0.9;

    /// <summary>This times the parameters is added to their gradients: it pulls towards the logit lens.</summary>
    public double WeightDecay { get; init; } = 1e-3;

    /// <summary>Steps over which the rate rises; null for none with Nesterov, a fifth of the steps (1,000 at most) with Adam.</summary>
    public int? WarmUp { get; init; }

    /// <summary>Gradients of all translators whose joint length exceeds this are scaled down to it; 0 for no limit.</summary>
    public double ClipNorm { get; init; } = 1;

    /// <summary>The learning rate of a step, from 0 on.</summary>
    public double RateAt(int step)
    {
        var largest = RateScale * (Optimizer == TunedLensOptimizer.Adam ? 1e-3 : 1 - Momentum);
        var rising = WarmUp ?? (Optimizer == TunedLensOptimizer.Adam ? Math.Min(1000, Steps / 5) : 0);
        return step < rising ? largest * (step + 1) / rising : largest * (Steps - step) / Math.Max(Steps - rising, 1);
    }

    /// <summary>Checks all values.</summary>
    /// <exception cref="ArgumentException">All violations in one message.</exception>
    public TunedLensOptions Validated()
    {
        var wrong = Violations().ToList();
        return wrong.Count == 0 ? this : throw new ArgumentException($"These options of a tuned lens do not hold together: {string.Join("; ", wrong)}.");
    }

    private IEnumerable<string> Violations()
    {
        foreach (var (name, value) in new[] { ("Steps", Steps), ("BatchesPerStep", BatchesPerStep) })
            if (value < 1)
                yield return $"{name} is {value}, wanted at least 1";
        if (WarmUp is < 0 || WarmUp >= Steps)
            yield return $"WarmUp is {WarmUp}, wanted 0 to {Steps - 1}";
        foreach (var (name, value) in new[] { ("RateScale", RateScale), ("WeightDecay", WeightDecay), ("ClipNorm", ClipNorm) })
            if (!(value >= 0) || double.IsInfinity(value))
                yield return $"{name} is {value}, wanted a finite number of at least 0";
        if (!(Momentum >= 0 && Momentum < 1))
            yield return $"Momentum is {Momentum}, wanted 0 to below 1";
    }
}
