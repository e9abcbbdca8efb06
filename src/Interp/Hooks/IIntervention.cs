namespace Interp.Extending;

using TorchSharp;

/// <summary>What to do with an activation while a model runs.</summary>
/// <remarks>
/// An intervention receives the selected part of an activation and returns what stands there instead. It must not change its argument in
/// place. It takes part in autograd: what it computes from its argument is differentiated through.
/// </remarks>
public interface IIntervention
{
    /// <summary>The values that replace the selected part.</summary>
    /// <param name="selected">
    /// The unit's part of the activation: the site's axes in order, without those narrowed to a single place.
    /// </param>
    /// <param name="context">Which activation this is.</param>
    /// <returns>A tensor of the same shape, or one that broadcasts to it.</returns>
    torch.Tensor Apply(torch.Tensor selected, InterventionContext context);
}
