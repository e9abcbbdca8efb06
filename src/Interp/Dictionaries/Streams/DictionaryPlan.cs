namespace Interp;

/// <summary>One of several dictionaries that learn from the same stream.</summary>
/// <param name="Config">What shall be trained; it knows its hook points.</param>
/// <param name="Options">Losses, rates, steps; all plans have the same number of rows in a batch.</param>
/// <param name="Seed">Of its first weights; null for the stream's.</param>
[TypeFormatterSource(typeof(NotebookFormatters))]
public sealed record DictionaryPlan(DictionaryConfig Config, DictionaryTrainingOptions Options, int? Seed = null)
{
    /// <summary>What is trained, and how.</summary>
    public override string ToString() => $"{Config}, {Options.Steps} steps by {Options.Recipe}";
}
