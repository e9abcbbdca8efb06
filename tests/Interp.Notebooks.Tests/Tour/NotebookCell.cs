namespace Interp.Notebooks.Tests.Tour;

/// <summary>A cell of a notebook.</summary>
/// <param name="Kind"><c>csharp</c> or <c>markdown</c>.</param>
/// <param name="Text">What stands in it, without blank lines around.</param>
internal sealed record NotebookCell(string Kind, string Text)
{
    public bool IsCode => Kind == "csharp";
}
