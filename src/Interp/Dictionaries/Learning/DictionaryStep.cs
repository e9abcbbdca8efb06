namespace Interp;

using System.Globalization;

/// <summary>What one training step of a dictionary did.</summary>
/// <param name="Number">The step, from 0 on.</param>
/// <param name="Loss">The whole loss.</param>
/// <param name="Terms">Its parts by name, each as it enters the sum: <c>mse</c>, <c>sparsity</c>, <c>auxiliary</c>, ...</param>
/// <param name="L0">Mean number of latents that are not zero.</param>
/// <param name="Unexplained">Fraction of the batch's variance that is not explained.</param>
/// <param name="Dead">Latents that count as dead.</param>
/// <param name="Rate">The learning rate.</param>
/// <param name="GradientLength">Joint length of the gradients before clipping, after projection.</param>
[TypeFormatterSource(typeof(NotebookFormatters))]
public sealed record DictionaryStep(
    int Number, double Loss, IReadOnlyDictionary<string, double> Terms, double L0, double Unexplained, int Dead, double Rate, double GradientLength)
{
    /// <summary>Whose step it is, where several dictionaries are trained: the place of its plan.</summary>
    public int Plan { get; init; }

    /// <summary>Share of the latents that count as dead.</summary>
    public double DeadShare { get; init; }

    /// <summary>The sparsity penalty's strength in this step.</summary>
    public double Sparsity { get; init; }

    /// <summary>Rows learned from in a second since training began, the model's runs included; 0 where a trainer is used by itself.</summary>
    public double RowsPerSecond { get; init; }

    /// <inheritdoc/>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture, $"step {Number}: loss {Loss:g4}, L0 {L0:f1}, FVU {Unexplained:f4}, dead {DeadShare:p1}{(RowsPerSecond > 0 ? $", {RowsPerSecond:n0} rows/s" : "")}");
}

