namespace Interp;

using TorchSharp;
using static TorchSharp.torch;

/// <summary>AdamW (Loshchilov and Hutter 2019) over plain tensors; decay acts on matrices only.</summary>
/// <remarks>
/// m ← β1 m + (1 - β1) g; v ← β2 v + (1 - β2) g²; p ← p (1 - rate · decay) - rate · m̂ / (√v̂ + 1e-8), with m̂ = m / (1 - β1^t), v̂ = v / (1 - β2^t).
/// </remarks>
internal sealed class AdamW : IDisposable
{
    internal const double Epsilon = 1e-8;
    private readonly TrainingOptions options;
    private readonly IReadOnlyList<Tensor> parameters;
    private readonly Tensor[] means;
    private readonly Tensor[] squares;

    public AdamW(IReadOnlyList<Tensor> parameters, TrainingOptions options)
    {
        (this.parameters, this.options) = (parameters, options);
        means = [.. parameters.Select(p => zeros_like(p).DetachFromDisposeScope())];
        squares = [.. parameters.Select(p => zeros_like(p).DetachFromDisposeScope())];
    }

    /// <summary>Steps done so far, which the corrections of the running means depend on.</summary>
    internal int Steps { get; set; }

    /// <summary>The running means of gradients, parameter by parameter.</summary>
    internal IReadOnlyList<Tensor> Means => means;

    /// <summary>The running means of squared gradients, parameter by parameter.</summary>
    internal IReadOnlyList<Tensor> Squares => squares;

    /// <summary>Moves every parameter that has a gradient. Gradients are not tracked meanwhile.</summary>
    public void Step(IReadOnlyList<Tensor?> gradients, double rate)
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        Steps++;
        var (meanScale, squareScale) = (1 - Math.Pow(options.Beta1, Steps), 1 - Math.Pow(options.Beta2, Steps));
        for (var i = 0; i < parameters.Count; i++)
        {
            if (gradients[i] is not { } gradient)
                continue;
            var decay = options.WeightDecay > 0 && parameters[i].dim() > 1 ? 1 - rate * options.WeightDecay : 1;
            RowBlocks.Each([parameters[i], means[i], squares[i], gradient], parts =>
            {
                var (parameter, mean, square, slope) = (parts[0], parts[1], parts[2], parts[3]);
                if (options.MachineIndependent)
                {
                    StepExactly(parameter, mean, square, slope, decay, (float)(rate / meanScale), (float)Math.Sqrt(squareScale));
                    return;
                }
                mean.mul_(options.Beta1).add_(slope, 1 - options.Beta1);
                square.mul_(options.Beta2).addcmul_(slope, slope, 1 - options.Beta2);
                if (decay != 1)
                    parameter.mul_(decay);
                parameter.addcdiv_(mean, square.sqrt().div_(Math.Sqrt(squareScale)).add_(Epsilon), -rate / meanScale);
            });
        }
    }

    // The same step of sums, products, quotients and roots, each rounded by itself: fused operations, powers and cosines differ between machines in their
    // last bits. So rates come in float32.
    private void StepExactly(Tensor parameter, Tensor mean, Tensor square, Tensor slope, double decay, double rate, double squareScale)
    {
        mean.mul_(options.Beta1).add_(slope.mul(1 - options.Beta1));
        square.mul_(options.Beta2).add_(slope.mul(slope).mul_(1 - options.Beta2));
        parameter.mul_(decay).sub_(mean.div(square.sqrt().div_(squareScale).add_(Epsilon)).mul_(rate));
    }

    public void Dispose()
    {
        foreach (var tensor in means.Concat(squares))
            tensor.Dispose();
    }
}
