namespace Interp.Extending;

using TorchSharp;

/// <summary>A norm between the residual stream and what reads it.</summary>
public interface INorm
{
    /// <summary>The hook points it emits.</summary>
    IEnumerable<Site> Sites { get; }

    /// <summary>Normalises over the last axis.</summary>
    /// <param name="run">The pass in progress.</param>
    /// <param name="layer">The block; -1 for the final norm.</param>
    /// <param name="x">[batch, pos, d_model] or [batch, pos, head, d_model].</param>
    /// <returns>The same shape.</returns>
    torch.Tensor Forward(ForwardContext run, int layer, torch.Tensor x);
}
