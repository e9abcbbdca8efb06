namespace Interp;

/// <summary>Writes an <see cref="INotebookView"/> as HTML; called by reflection, by the names a notebook expects.</summary>
internal sealed class HtmlFormatter
{
    public string MimeType => "text/html";

    public bool Format(object instance, TextWriter writer)
    {
        if (instance is not INotebookView view)
            return false;
        writer.Write(view.Html);
        return true;
    }
}
