namespace Interp;

using TorchSharp;

/// <summary>One row of a lens: what it is called and where its values come from.</summary>
/// <param name="Label">The label.</param>
/// <param name="Read">The values at positions, [batch, pos, d_model].</param>
internal sealed record LensRow(string Label, Func<Indices, torch.Tensor> Read);
