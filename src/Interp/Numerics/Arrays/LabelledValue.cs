namespace Interp;

/// <summary>One entry of a <see cref="LabelledArray"/>: where it stands and what it is.</summary>
/// <param name="Labels">The label along each axis.</param>
/// <param name="Indices">The index along each axis.</param>
/// <param name="Value">The number, in the array's unit.</param>
[TypeFormatterSource(typeof(NotebookFormatters))]
public sealed record LabelledValue(IReadOnlyList<string> Labels, IReadOnlyList<int> Indices, double Value)
{
    /// <summary>The labels and the value: <c>9, 6: 1.234</c>.</summary>
    public override string ToString() =>
        $"{string.Join(", ", Labels.Select(DisplayText.Visible))}: {NumberText.Short(Value)}";
}
