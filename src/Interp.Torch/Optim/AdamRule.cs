using static TorchSharp.torch;

namespace TorchSharp.Modules;

/// <summary>One step of Adam or AdamW for one parameter.</summary>
internal readonly struct AdamRule(double rate, double beta1, double beta2, double eps, double decay, bool maximize, bool decoupled)
{
    internal static void Check(double rate, double beta1, double beta2, double eps, double decay)
    {
        if (rate < 0) throw new ArgumentException($"Learning rate {rate}: it must not be negative.");
        if (beta1 is < 0 or >= 1) throw new ArgumentException($"beta1 {beta1}: it must lie in [0, 1).");
        if (beta2 is < 0 or >= 1) throw new ArgumentException($"beta2 {beta2}: it must lie in [0, 1).");
        if (eps < 0) throw new ArgumentException($"eps {eps}: it must not be negative.");
        if (decay < 0) throw new ArgumentException($"weight_decay {decay}: it must not be negative.");
    }

    internal void Apply(Tensor parameter, Tensor gradient, long step, Tensor average, Tensor square, Tensor? highest)
    {
        using var scope = NewDisposeScope();
        if (maximize) gradient = -gradient;
        if (decay != 0)
        {
            if (decoupled) parameter.mul_(1 - rate * decay);
            else gradient = gradient.add(parameter, decay);
        }
        average.mul_(beta1).add_(gradient, 1 - beta1);
        square.mul_(beta2).addcmul_(gradient, gradient, 1 - beta2);
        var spread = square;
        if (highest is not null)
        {
            highest.copy_(highest.maximum(square));
            spread = highest;
        }
        var denominator = spread.sqrt().div_(Math.Sqrt(1 - Math.Pow(beta2, step))).add_(eps);
        parameter.addcdiv_(average, denominator, -rate / (1 - Math.Pow(beta1, step)));
    }
}
