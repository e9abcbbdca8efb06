namespace Interp.Extending;

using TorchSharp;

/// <summary>The position-wise part of a block: an MLP or what stands in its place.</summary>
public interface IFeedForward
{
    /// <summary>The hook points it emits.</summary>
    IEnumerable<Site> Sites { get; }

    /// <summary>Maps each position on its own.</summary>
    /// <param name="run">The pass in progress.</param>
    /// <param name="layer">The block.</param>
    /// <param name="x">[batch, pos, d_model], after the norm.</param>
    /// <returns>[batch, pos, d_model].</returns>
    torch.Tensor Forward(ForwardContext run, int layer, torch.Tensor x);
}
