namespace Interp;

using TorchSharp;

/// <summary>Rows of activations to learn from. It owns them; dispose it when done.</summary>
/// <param name="input">What a dictionary reads.</param>
/// <param name="target">What it shall give back; the same tensor for an autoencoder.</param>
public sealed class ActivationBatch(torch.Tensor input, torch.Tensor target) : IDisposable
{
    /// <summary>[rows, d_in].</summary>
    public torch.Tensor Input { get; } = input;

    /// <summary>[rows, d_out].</summary>
    public torch.Tensor Target { get; } = target;

    /// <summary>Frees the rows.</summary>
    public void Dispose()
    {
        Input.Dispose();
        Target.Dispose();
    }
}
