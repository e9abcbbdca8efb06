namespace Interp;

using System.Collections.Immutable;

/// <summary>Texts of one part of a feature's range.</summary>
/// <param name="Name">Which part.</param>
/// <param name="Low">The smallest activation of the part's places.</param>
/// <param name="High">The largest.</param>
/// <param name="Examples">Some of them, strongest first.</param>
[TypeFormatterSource(typeof(NotebookFormatters))]
public sealed record ExampleGroup(string Name, double Low, double High, ImmutableArray<ActivationExample> Examples)
{
    /// <summary>Its name, its range and how many texts it holds.</summary>
    public override string ToString() => $"{Name} ({NumberText.Short(Low)} to {NumberText.Short(High)}): {Examples.Length} texts";
}
