namespace Interp;

using TorchSharp;
using static TorchSharp.torch;

/// <summary>Clean prompts, corrupted prompts and a metric: what every causal method starts from. A value.</summary>
/// <remarks>
/// The default direction is denoising: the base run reads the corrupted prompts and values come from the clean run. Prompts are aligned by
/// position, so a clean prompt and its corruption must have equally many tokens.
/// </remarks>
public sealed record Contrast
{
    /// <summary>A contrast between prepared inputs.</summary>
    /// <exception cref="ArgumentException">The numbers of prompts or of tokens differ; the message shows both tokenisations.</exception>
    public Contrast(HookedTransformer model, RunInput clean, RunInput corrupted, Metric metric)
    {
        (Model, Clean, Corrupted, Metric) = (model, clean, corrupted, metric);
        if (clean.Batch != corrupted.Batch)
            throw new ArgumentException($"There are {clean.Batch} clean and {corrupted.Batch} corrupted prompts: give a corruption for each.");
        for (var row = 0; row < clean.Batch; row++)
            if (clean.Rows[row].Length != corrupted.Rows[row].Length)
                throw new ArgumentException(
                    $"Prompt {row} has {clean.Rows[row].Length} tokens clean and {corrupted.Rows[row].Length} corrupted, so positions do not line up.\n"
                    + $"  clean:     {Shown(clean, row)}\n  corrupted: {Shown(corrupted, row)}\nChoose a corruption of equal length.");
    }

    /// <summary>The model. It stays its owner's.</summary>
    public HookedTransformer Model { get; }

    /// <summary>The prompts that show the behaviour.</summary>
    public RunInput Clean { get; }

    /// <summary>The prompts that do not.</summary>
    public RunInput Corrupted { get; }

    /// <summary>What is measured.</summary>
    public Metric Metric { get; }

    /// <summary>Which run is changed; the corrupted one by default.</summary>
    public Direction Direction { get; init; } = Direction.Denoising;

    /// <summary>The prompts of the run that is changed.</summary>
    public RunInput Base => Direction == Direction.Denoising ? Corrupted : Clean;

    /// <summary>The prompts of the run that values come from.</summary>
    public RunInput Source => Direction == Direction.Denoising ? Clean : Corrupted;

    /// <summary>The same contrast the other way round: clean run changed, values from the corrupted one.</summary>
    public Contrast Noising() => this with { Direction = Direction.Noising };

    /// <summary>The metric of each clean prompt.</summary>
    public double[] CleanMetric() => Measured(Clean);

    /// <summary>The metric of each corrupted prompt.</summary>
    public double[] CorruptedMetric() => Measured(Corrupted);

    internal double[] Measured(RunInput input)
    {
        using var scope = NewDisposeScope();
        return Numbers(Model.On(input).Measure(Metric));
    }

    /// <summary>The values of a tensor as doubles.</summary>
    internal static double[] Numbers(Tensor tensor)
    {
        using var scope = NewDisposeScope();
        return tensor.detach().to(ScalarType.Float64).cpu().contiguous().data<double>().ToArray();
    }

    private string Shown(RunInput input, int row) => string.Join(" | ", input.Rows[row].Select(Model.TokenText));
}
