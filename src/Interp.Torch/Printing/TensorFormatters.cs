namespace TorchSharp;

/// <summary>How a notebook shows a tensor: shape, type, device and values. Called by reflection, by the names .NET Interactive expects.</summary>
internal sealed class TensorFormatters
{
    public IEnumerable<object> CreateTypeFormatters() => [new Formatter("text/html", "<pre>", "</pre>"), new Formatter("text/plain", "", "")];

    private sealed class Formatter(string mimeType, string before, string after)
    {
        public string MimeType => mimeType;

        public bool Format(object instance, TextWriter writer)
        {
            if (instance is not torch.Tensor tensor)
                return false;
            writer.Write(before + tensor.str().TrimEnd() + after);
            return true;
        }
    }
}
