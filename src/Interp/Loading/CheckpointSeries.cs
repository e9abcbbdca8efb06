namespace Interp;

using System.Collections;

/// <summary>The checkpoints of one training, in order; a model is in memory only while its step is looked at.</summary>
[TypeFormatterSource(typeof(NotebookFormatters))]
public sealed class CheckpointSeries : IReadOnlyList<SeriesCheckpoint>
{
    private readonly SeriesCheckpoint[] checkpoints;

    internal CheckpointSeries(string source, IEnumerable<SeriesCheckpoint> checkpoints)
    {
        Source = source;
        this.checkpoints = [.. checkpoints];
        if (this.checkpoints.Length == 0)
            throw new ArgumentException($"A series of '{source}' without checkpoints: name at least one.", nameof(checkpoints));
    }

    /// <summary>The folder or repository.</summary>
    public string Source { get; }

    /// <summary>How many checkpoints there are.</summary>
    public int Count => checkpoints.Length;

    /// <summary>A checkpoint by its place.</summary>
    /// <param name="index">From 0, in order.</param>
    public SeriesCheckpoint this[int index] => checkpoints[index];

    /// <summary>Measures numbers at each checkpoint; each model is loaded, measured and freed before the next.</summary>
    /// <param name="quantity">What is measured, for the table's name.</param>
    /// <param name="names">What the numbers are called, in order.</param>
    /// <param name="measure">Gives the numbers of one model.</param>
    /// <param name="progress">Hears of each checkpoint that is done, or null.</param>
    /// <param name="cancellation">Ends it between checkpoints.</param>
    /// <returns>A table <c>[checkpoint, measure]</c>.</returns>
    /// <exception cref="InvalidOperationException">A measurement gave another count of numbers than there are names.</exception>
    public LabelledArray Measure(
        string quantity, IReadOnlyList<string> names, Func<HookedTransformer, IReadOnlyList<double>> measure,
        IProgress<SeriesCheckpoint>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(names);
        ArgumentNullException.ThrowIfNull(measure);
        var values = new double[Count * names.Count];
        for (var row = 0; row < Count; row++)
        {
            cancellation.ThrowIfCancellationRequested();
            using var model = checkpoints[row].Load();
            var numbers = measure(model);
            if (numbers.Count != names.Count)
                throw new InvalidOperationException($"The measurement of '{checkpoints[row]}' gave {numbers.Count} numbers for {names.Count} names.");
            for (var column = 0; column < numbers.Count; column++)
                values[row * names.Count + column] = numbers[column];
            progress?.Report(checkpoints[row]);
        }
        return LabelledArray.Owning([new Axis("checkpoint", checkpoints.Select(checkpoint => checkpoint.Name)), new Axis("measure", names)], values, quantity);
    }

    /// <summary>Measures one number at each checkpoint.</summary>
    /// <param name="quantity">What is measured.</param>
    /// <param name="measure">Gives the number of one model.</param>
    /// <param name="progress">Hears of each checkpoint that is done, or null.</param>
    /// <param name="cancellation">Ends it between checkpoints.</param>
    /// <returns>A table <c>[checkpoint, measure]</c> with one column.</returns>
    public LabelledArray Measure(
        string quantity, Func<HookedTransformer, double> measure, IProgress<SeriesCheckpoint>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(measure);
        return Measure(quantity, [quantity], model => [measure(model)], progress, cancellation);
    }

    /// <summary>The checkpoints in order.</summary>
    public IEnumerator<SeriesCheckpoint> GetEnumerator() => ((IEnumerable<SeriesCheckpoint>)checkpoints).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>As in <c>EleutherAI/pythia-70m: 154 checkpoints, step0 to step143000</c>.</summary>
    public override string ToString() => $"{Source}: {Count} checkpoints, {checkpoints[0]} to {checkpoints[^1]}";
}
