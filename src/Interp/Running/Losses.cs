namespace Interp;

using TorchSharp;
using static TorchSharp.torch;

/// <summary>Next-token loss. Padding takes part neither as input nor as target.</summary>
internal static class Losses
{
    /// <summary>-log p(next token), [rows, pos - 1]; 0 where a neighbour is padding.</summary>
    public static Tensor PerToken(Tensor logits, RunInput input)
    {
        using var scope = NewDisposeScope();
        if (input.Length < 2)
            throw new ArgumentException($"A loss needs at least two tokens, the prompt has {input.Length}.");
        var copies = logits.shape[0] / input.Batch;
        var tokens = input.TokenTensor(logits.device).repeat(copies, 1);
        var wide = logits.dtype is ScalarType.Float32 or ScalarType.Float64 ? logits : logits.to(ScalarType.Float32);
        var log = wide.narrow(1, 0, wide.shape[1] - 1).log_softmax(-1); // [rows, pos - 1, d_vocab]
        var loss = -log.gather(-1, tokens.narrow(1, 1, tokens.shape[1] - 1).unsqueeze(-1)).squeeze(-1);
        return (Pairs(input, logits.device) is { } pairs ? loss * pairs.repeat(copies, 1).to(loss.dtype) : loss).MoveToOuterDisposeScope();
    }

    /// <summary>The mean over all pairs of neighbouring real tokens, a scalar.</summary>
    public static Tensor Mean(Tensor logits, RunInput input)
    {
        using var scope = NewDisposeScope();
        var loss = PerToken(logits, input);
        var pairs = Pairs(input, logits.device);
        var count = pairs is null ? loss.numel() : pairs.sum().ToInt64() * (logits.shape[0] / input.Batch);
        return (loss.sum() / count).MoveToOuterDisposeScope();
    }

    private static Tensor? Pairs(RunInput input, Device device)
    {
        using var scope = NewDisposeScope();
        var mask = input.MaskTensor(device);
        return mask is null ? null : (mask.narrow(1, 0, input.Length - 1) * mask.narrow(1, 1, input.Length - 1)).MoveToOuterDisposeScope();
    }
}
