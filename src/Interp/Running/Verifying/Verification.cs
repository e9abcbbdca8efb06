namespace Interp;

using System.Globalization;

/// <summary>How a model agrees with itself or with a reference, array by array in the order of the forward pass.</summary>
[TypeFormatterSource(typeof(NotebookFormatters))]
public sealed class Verification
{
    internal Verification(string subject, double tolerance, IReadOnlyList<SiteCheck> checks) => (Subject, Tolerance, Checks) = (subject, tolerance, checks);

    /// <summary>The model, and what it is compared with.</summary>
    public string Subject { get; }

    /// <summary>The largest difference allowed, as a share of the largest magnitude of each array.</summary>
    public double Tolerance { get; }

    /// <summary>Every array, in the order in which the forward pass makes them.</summary>
    public IReadOnlyList<SiteCheck> Checks { get; }

    /// <summary>The first array that differs: what makes it is where to look. Null where none does.</summary>
    public SiteCheck? First => Checks.FirstOrDefault(check => !check.Holds);

    /// <summary>Whether all agree.</summary>
    public bool Holds => First is null;

    /// <summary>The figures as a table <c>[site, figure]</c>: cosine, relative norm, largest difference.</summary>
    public LabelledArray Table() => LabelledArray.Owning(
        [new Axis("site", Checks.Select(check => check.Name)), new Axis("figure", ["cosine", "relative norm", "largest difference"])],
        [.. Checks.SelectMany(check => new[] { check.Cosine, check.RelativeNorm, check.MaxDifference })], "agreement");

    /// <summary>Stops a program where something differs.</summary>
    /// <exception cref="InvalidDataException">Something differs; the message is this verification's text.</exception>
    public void ThrowIfDifferent()
    {
        if (!Holds)
            throw new InvalidDataException(ToString());
    }

    /// <summary>Whether all agree; else the first array that differs, how much, and the last one before it that does not.</summary>
    public override string ToString()
    {
        var allowed = Tolerance.ToString("G3", CultureInfo.InvariantCulture);
        if (First is not { } first)
            return $"{Subject}: {Checks.Count} arrays agree within {allowed}; the worst is {Checks.MaxBy(check => check.Scale > 0 ? check.MaxDifference / check.Scale : 0)}.";
        var before = Checks.TakeWhile(check => check != first).LastOrDefault();
        return $"{Subject}: {Checks.Count(check => !check.Holds)} of {Checks.Count} arrays differ by more than {allowed} of their size. First {first}. "
            + (before is null ? "Nothing comes before it." : $"Before it {before.Name} agrees: look at what makes the one of the other.");
    }
}
