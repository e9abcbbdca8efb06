namespace Interp;

/// <summary>The formatters that a notebook asks for; called by reflection, by the names it expects.</summary>
internal sealed class NotebookFormatters
{
    public IEnumerable<object> CreateTypeFormatters() => [new HtmlFormatter(), new PlainFormatter()];
}
