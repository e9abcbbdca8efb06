namespace Interp;

/// <summary>How queries and keys are rotated (Su et al. 2021, RoFormer, eq. 15).</summary>
[TypeFormatterSource(typeof(NotebookFormatters))]
public sealed record RotaryConfig
{
    /// <summary>The base of the wavelengths, theta.</summary>
    public double Base { get; init; } = 10000;

    /// <summary>How many of a head's dimensions turn; 0 means all.</summary>
    public int Dimensions { get; init; }

    /// <summary>Whether neighbours (0,1), (2,3), ... form the pairs; else the two halves do.</summary>
    public bool AdjacentPairs { get; init; }

    /// <summary>The change of the frequencies for longer texts, or null.</summary>
    public RopeScaling? Scaling { get; init; }

    /// <summary>The number of dimensions that turn in heads of the given width.</summary>
    public int Dim(int dHead) => Dimensions == 0 ? dHead : Dimensions;

    /// <summary>Base, dimensions and scaling.</summary>
    public override string ToString() =>
        $"base {NumberText.Short(Base)}, {(Dimensions == 0 ? "all dimensions" : $"{Dimensions} dimensions")}{(AdjacentPairs ? ", neighbours" : "")}{(Scaling is null ? "" : $", {Scaling}")}";
}
