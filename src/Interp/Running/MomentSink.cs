namespace Interp;

using TorchSharp;
using static TorchSharp.torch;

/// <summary>Adds what a run captures to running moments and keeps nothing else.</summary>
internal sealed class MomentSink(StreamedMoments moments, RunInput input, bool covariance) : ICaptureSink
{
    /// <inheritdoc/>
    public void Take(HookName name, Unit unit, Tensor activation, bool keepGraph)
    {
        if (!name.Site.Axes.Take(2).SequenceEqual(["batch", "pos"]) || !unit.Along("pos").IsAll)
            throw new ArgumentException($"Moments are taken over batch and pos; {unit} is not laid out so. Stream a site with axes [batch, pos, ..] at all positions.");
        using var scope = NewDisposeScope();
        var tokens = activation.reshape(activation.shape[0] * activation.shape[1], -1); // [batch * pos, features]
        if (input.MaskTensor(activation.device) is { } mask)
            tokens = tokens.index_select(0, mask.flatten().nonzero().flatten());
        moments.At(name, covariance).Add(tokens);
    }
}
