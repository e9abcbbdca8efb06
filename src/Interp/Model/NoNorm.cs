namespace Interp;

using Interp.Extending;
using TorchSharp;

/// <summary>Stands where a model has no norm.</summary>
[TypeFormatterSource(typeof(NotebookFormatters))]
public sealed class NoNorm : INorm
{
    /// <inheritdoc/>
    public IEnumerable<Site> Sites => [];

    /// <inheritdoc/>
    public torch.Tensor Forward(ForwardContext run, int layer, torch.Tensor x) => x;

    /// <summary>Its name.</summary>
    public override string ToString() => "no norm";
}
