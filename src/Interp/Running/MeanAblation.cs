namespace Interp;

using Interp.Extending;
using TorchSharp;
using static TorchSharp.torch;

/// <summary>The mean over reference prompts, per position or over all tokens.</summary>
internal sealed class MeanAblation(RunPlan reference, bool perPosition) : Ablation
{
    /// <inheritdoc/>
    public override string ToString() => $"mean ablation over {reference.Input.Batch} prompts";

    /// <inheritdoc/>
    internal override PreparedAblation Prepare(Unit unit)
    {
        var axis = unit.Site.Axis("pos") >= 0 ? "pos" : null;
        if (!perPosition && axis is null)
            throw new ArgumentException($"{unit.Site} has no positions to average over: ablate it with a mean per position.");
        if (perPosition && reference.Input.Mask is not null && !unit.Along(axis ?? "query").IsPerRow)
            throw new ArgumentException("The reference prompts have different lengths: a mean per position mixes padding with tokens. Give prompts of equal length, or perPosition: false.");
        using var run = reference.Capture(perPosition ? unit : unit.Along(axis!, Indices.All)).WithoutLogits().Run();
        var means = new ActivationCache(reference.Model);
        foreach (var (name, values) in run.Cache)
            means.Put(name, name.Site, new MemoryActivation(Mean(values, reference.Input).DetachFromDisposeScope()));
        return new PreparedAblation(Interventions.Apply((x, context) => Fitting(means[context.Name], x, context.Name), ToString()), means);
    }

    private Tensor Fitting(Tensor mean, Tensor x, HookName name)
    {
        if (mean.dim() == x.dim() && !mean.shape.Skip(1).SequenceEqual(x.shape.Skip(1)))
            throw new ArgumentException(
                $"The mean of {name} per position is [{string.Join(", ", mean.shape)}] and stands in for [{string.Join(", ", x.shape)}]: "
                + "give reference prompts of the length of those that are ablated, or perPosition: false.");
        return mean.expand_as(x);
    }

    // [1, pos, ..] or, over all tokens, [..] without the first two axes.
    private Tensor Mean(Tensor values, RunInput input)
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        if (perPosition)
            return values.mean([0L], keepdim: true).MoveToOuterDisposeScope();
        var tokens = values.flatten(0, 1); // [batch * pos, ..]
        if (input.MaskTensor(values.device) is { } mask)
            tokens = tokens.index_select(0, mask.flatten().nonzero().flatten());
        return tokens.mean([0L]).MoveToOuterDisposeScope();
    }
}
