namespace Interp;

/// <summary>What shows itself in a notebook cell.</summary>
internal interface INotebookView
{
    /// <summary>A fragment of HTML that stands on its own.</summary>
    string Html { get; }
}
