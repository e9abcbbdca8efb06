namespace Interp;

using TorchSharp;
using static TorchSharp.torch;

/// <summary>The two optimisers of the reference recipe, on parameters that it changes in place.</summary>
internal sealed class LensOptimizer : IDisposable
{
    private const double Beta2 = 0.999, Epsilon = 1e-8;

    private readonly IReadOnlyList<Tensor> parameters;
    private readonly TunedLensOptions options;
    private readonly Tensor[] means;
    private readonly Tensor[] squares;
    private readonly Tensor[] largest;
    private int steps;

    public LensOptimizer(IReadOnlyList<Tensor> parameters, TunedLensOptions options)
    {
        (this.parameters, this.options) = (parameters, options);
        var adam = options.Optimizer == TunedLensOptimizer.Adam;
        Tensor[] Zeros() => [.. parameters.Select(p => zeros_like(p, requires_grad: false).DetachFromDisposeScope())];
        (means, squares, largest) = (Zeros(), adam ? Zeros() : [], adam ? Zeros() : []);
    }

    /// <summary>One step. Called without gradients, in a scope.</summary>
    public void Step(IReadOnlyList<Tensor> gradients, double rate)
    {
        steps++;
        for (var i = 0; i < parameters.Count; i++)
        {
            var gradient = gradients[i] + parameters[i] * options.WeightDecay;
            if (squares.Length > 0)
                Adam(i, gradient, rate);
            else
                Nesterov(i, gradient, rate);
        }
    }

    public void Dispose()
    {
        foreach (var tensor in means.Concat(squares).Concat(largest))
            tensor.Dispose();
    }

    private void Nesterov(int i, Tensor gradient, double rate)
    {
        means[i].mul_(options.Momentum).add_(gradient);
        parameters[i].add_(gradient + means[i] * options.Momentum, -rate);
    }

    private void Adam(int i, Tensor gradient, double rate)
    {
        means[i].mul_(options.Momentum).add_(gradient, 1 - options.Momentum);
        squares[i].mul_(Beta2).addcmul_(gradient, gradient, 1 - Beta2);
        largest[i].copy_(maximum(largest[i], squares[i]));
        var scale = largest[i].sqrt() / Math.Sqrt(1 - Math.Pow(Beta2, steps)) + Epsilon;
        parameters[i].addcdiv_(means[i], scale, -rate / (1 - Math.Pow(options.Momentum, steps)));
    }
}
