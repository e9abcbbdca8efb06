namespace Interp;

/// <summary>Writes a value as the text that <c>ToString</c> gives. Called by reflection, by the names a notebook expects.</summary>
internal sealed class PlainFormatter
{
    public string MimeType => "text/plain";

    public bool Format(object instance, TextWriter writer)
    {
        writer.Write(instance.ToString());
        return true;
    }
}
