namespace Interp;

/// <summary>How parameters are trained: AdamW with a warm-up, a cosine decay and clipped gradients.</summary>
public sealed record TrainingOptions
{
    /// <summary>The defaults.</summary>
    public static TrainingOptions Default { get; } = new();

    /// <summary>Number of steps.</summary>
    public int Steps { get; init; } = 1000;

    /// <summary>The largest learning rate, reached after the warm-up.</summary>
    public double LearningRate { get; init; } = 1e-3;

    /// <summary>Steps over which the rate rises from nothing.</summary>
    public int WarmUp { get; init; } = 100;

    /// <summary>The rate at the end, as a share of the largest; a half cosine leads there.</summary>
    public double FinalShare { get; init; } = 0.05;

    /// <summary>Share of the learning rate by which matrices shrink each step; vectors (gains, biases) never do.</summary>
    public double WeightDecay { get; init; } = 0.01;

    /// <summary>Decay of the mean of gradients.</summary>
    public double Beta1 { get; init; } = 0.9;

    /// <summary>Decay of the mean of squared gradients.</summary>
    public double Beta2 { get; init; } = 0.98;

    /// <summary>Gradients whose joint length exceeds this are scaled down to it; 0 for no limit.</summary>
    public double ClipNorm { get; init; } = 1;

    /// <summary>Whether rounding errors of gradients are kept from the weights, so that machines that add in another order train to the same bits.</summary>
    /// <remarks>
    /// Wants float64 parameters. Each gradient is rounded to 2^-16 of its tensor's largest entry, and nothing under 2^-44 of the largest of all is left, by which errors of 1e-16 are gone unless they lie on an
    /// edge (by estimate one entry in 10^11), and steps are made of operations that IEEE 754 defines to the last bit. Took 2.3 times the time of float32 on tinyworld.
    /// The weights that training starts from (<see cref="ModelInitialisation.Initialise"/> with <c>machineIndependent</c>, or a file's) and its batches have to be the same bits as well.
    /// </remarks>
    public bool MachineIndependent { get; init; }

    /// <summary>The learning rate of a step, from 0 on.</summary>
    public double RateAt(int step)
    {
        if (step < WarmUp)
            return LearningRate * (step + 1) / WarmUp;
        var progress = Steps <= WarmUp ? 1 : Math.Min((double)(step - WarmUp) / (Steps - WarmUp), 1);
        return LearningRate * (FinalShare + (1 - FinalShare) * 0.5 * (1 + Math.Cos(Math.PI * progress)));
    }

    /// <summary>Checks all values.</summary>
    /// <exception cref="ArgumentException">All violations in one message.</exception>
    public TrainingOptions Validated()
    {
        var wrong = Violations().ToList();
        return wrong.Count == 0 ? this : throw new ArgumentException($"These training options do not hold together: {string.Join("; ", wrong)}.");
    }

    private IEnumerable<string> Violations()
    {
        if (Steps < 1)
            yield return $"Steps is {Steps}, wanted at least 1";
        if (WarmUp < 0)
            yield return $"WarmUp is {WarmUp}, wanted 0 or more";
        foreach (var (name, value) in new[] { ("LearningRate", LearningRate), ("WeightDecay", WeightDecay), ("ClipNorm", ClipNorm) })
            if (!(value >= 0) || double.IsInfinity(value))
                yield return $"{name} is {value}, wanted a finite number of at least 0";
        foreach (var (name, value) in new[] { ("FinalShare", FinalShare), ("Beta1", Beta1), ("Beta2", Beta2) })
            if (!(value >= 0 && value <= 1))
                yield return $"{name} is {value}, wanted 0 to 1";
    }
}
