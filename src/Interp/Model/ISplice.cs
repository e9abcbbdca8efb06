namespace Interp.Extending;

using TorchSharp;

/// <summary>Something that stands behind a hook point of a block and gives on something else.</summary>
public interface ISplice
{
    /// <summary>The hook points it emits.</summary>
    IEnumerable<Site> Sites { get; }

    /// <summary>What goes on through the model.</summary>
    /// <param name="run">The pass in progress.</param>
    /// <param name="layer">The block.</param>
    /// <param name="activation">What the hook point gave, after everybody who listens there.</param>
    /// <returns>The same shape.</returns>
    torch.Tensor Forward(ForwardContext run, int layer, torch.Tensor activation);
}
