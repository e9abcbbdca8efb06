namespace Interp;

/// <summary>Writes a value as HTML: its own view, or its text. Called by reflection, by the names a notebook expects.</summary>
internal sealed class HtmlFormatter
{
    public string MimeType => "text/html";

    public bool Format(object instance, TextWriter writer)
    {
        writer.Write(instance is INotebookView view ? view.Html : NotebookHtml.Text(instance.ToString() ?? ""));
        return true;
    }
}
