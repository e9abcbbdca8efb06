namespace Interp;

/// <summary>Where the numbers of a <see cref="LabelledArray"/> come from; what is not known is null.</summary>
[TypeFormatterSource(typeof(NotebookFormatters))]
public sealed record Provenance
{
    /// <summary>The model's name.</summary>
    public string? Model { get; init; }

    /// <summary>A fingerprint of the model's weights and configuration.</summary>
    public string? Fingerprint { get; init; }

    /// <summary>How the numbers were made: <c>activation patching</c>, <c>attribution</c>, ...</summary>
    public string? Method { get; init; }

    /// <summary>What was measured: <c>logit difference</c>, ...</summary>
    public string? Metric { get; init; }

    /// <summary>The metric on the clean prompts, in its own unit.</summary>
    public double? Clean { get; init; }

    /// <summary>The metric on the corrupted prompts, in its own unit.</summary>
    public double? Corrupted { get; init; }

    /// <summary>The seed of whatever was drawn.</summary>
    public long? Seed { get; init; }

    /// <summary>True where nothing is known.</summary>
    public bool IsEmpty() => this == new Provenance();

    /// <summary>What two provenances agree on.</summary>
    internal static Provenance Common(Provenance a, Provenance b) => new()
    {
        Model = a.Model == b.Model ? a.Model : null,
        Fingerprint = a.Fingerprint == b.Fingerprint ? a.Fingerprint : null,
        Method = a.Method == b.Method ? a.Method : null,
        Metric = a.Metric == b.Metric ? a.Metric : null,
        Clean = Nullable.Equals(a.Clean, b.Clean) ? a.Clean : null,
        Corrupted = Nullable.Equals(a.Corrupted, b.Corrupted) ? a.Corrupted : null,
        Seed = a.Seed == b.Seed ? a.Seed : null,
    };

    /// <summary>One line of what is known: <c>activation patching, clean 3.10, corrupted -3.20, seed 0</c>.</summary>
    public override string ToString()
    {
        var culture = System.Globalization.CultureInfo.InvariantCulture;
        string?[] parts =
        [
            Model,
            Method,
            Metric is null ? null : $"metric {Metric}",
            Clean is { } clean ? $"clean {clean.ToString("0.###", culture)}" : null,
            Corrupted is { } corrupted ? $"corrupted {corrupted.ToString("0.###", culture)}" : null,
            Seed is { } seed ? $"seed {seed.ToString(culture)}" : null,
            Fingerprint is null ? null : $"fingerprint {Fingerprint}",
        ];
        return string.Join(", ", parts.Where(p => p is not null));
    }
}
