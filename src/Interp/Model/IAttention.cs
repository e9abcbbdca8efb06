namespace Interp.Extending;

using TorchSharp;

/// <summary>The attention of one block.</summary>
public interface IAttention
{
    /// <summary>The hook points it emits.</summary>
    IEnumerable<Site> Sites { get; }

    /// <summary>Mixes positions.</summary>
    /// <param name="run">The pass in progress.</param>
    /// <param name="layer">The block.</param>
    /// <param name="query">What queries read, after the norm: [batch, pos, d_model], or [batch, pos, head, d_model] when each head reads its own.</param>
    /// <param name="key">What keys read; the same object as <paramref name="query"/> unless somebody listens at split inputs.</param>
    /// <param name="value">What values read; likewise.</param>
    /// <returns>[batch, pos, d_model].</returns>
    torch.Tensor Forward(ForwardContext run, int layer, torch.Tensor query, torch.Tensor key, torch.Tensor value);
}
