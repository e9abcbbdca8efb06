namespace Interp;

using System.Globalization;

/// <summary>How one array of a model agrees with what it should be.</summary>
/// <param name="Name">The hook point, <c>logits</c> or <c>loss</c>; of a self-test the identity.</param>
/// <param name="Cosine">The cosine of the angle between the two, over all numbers; 1 where they point the same way.</param>
/// <param name="RelativeNorm">The length of the difference over the length of what it should be.</param>
/// <param name="MaxDifference">The largest |difference|.</param>
/// <param name="Scale">The largest magnitude of what it should be.</param>
/// <param name="Holds">Whether <paramref name="MaxDifference"/> is within the tolerance times <paramref name="Scale"/>.</param>
[TypeFormatterSource(typeof(NotebookFormatters))]
public sealed record SiteCheck(string Name, double Cosine, double RelativeNorm, double MaxDifference, double Scale, bool Holds)
{
    /// <summary>As in <c>blocks.3.attn.hook_q: cosine 0.98123, relative norm 0.19, largest difference 0.4 of 2.1</c>.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture,
        $"{Name}: cosine {Cosine:0.000000}, relative norm {RelativeNorm:G3}, largest difference {MaxDifference:G3} of {Scale:G3}");
}
