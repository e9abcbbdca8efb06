namespace Interp;

using TorchSharp;

/// <summary>What a forward pass gives back. The receiver owns the tensors.</summary>
/// <param name="Logits">[rows, place, d_vocab] or null.</param>
/// <param name="Residual">The residual stream after the last block that ran, [rows, pos, d_model]; null when logits were asked for.</param>
/// <param name="Metric">The metric that was wanted, [rows]; null when there are logits to read it off.</param>
internal sealed record ForwardOutcome(torch.Tensor? Logits, torch.Tensor? Residual, torch.Tensor? Metric = null);
