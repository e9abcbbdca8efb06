namespace Interp;

using Interp.Extending;
using TorchSharp;

/// <summary>Stands where a model has no norm.</summary>
public sealed class NoNorm : INorm
{
    /// <inheritdoc/>
    public IEnumerable<Site> Sites => [];

    /// <inheritdoc/>
    public torch.Tensor Forward(ForwardContext run, int layer, torch.Tensor x) => x;
}
