namespace Interp;

using TorchSharp;
using static TorchSharp.torch;

/// <summary>Gradient descent on a loss.</summary>
public static class TrainingLoop
{
    /// <summary>Changes parameters, in place, so that a loss becomes small.</summary>
    /// <remarks>
    /// 1. Compute the loss with gradients. 2. Clip the gradients' joint length. 3. Step with AdamW at the scheduled rate. The same seeds on the
    /// same machine give the same parameters bit for bit. It cannot yet be stopped and resumed.
    /// </remarks>
    /// <param name="parameters">Leaf tensors that require gradients. They stay the caller's.</param>
    /// <param name="loss">The loss of a step, a scalar; it is disposed here.</param>
    /// <param name="options">Steps, rates, clipping.</param>
    /// <param name="progress">Receives every step.</param>
    /// <param name="cancellation">Ends training between two steps; parameters keep what they have learned.</param>
    /// <exception cref="ArgumentException">A parameter does not require a gradient, or the loss is no scalar.</exception>
    /// <exception cref="ArithmeticException">The loss is not a finite number.</exception>
    public static void Minimise(
        IReadOnlyList<Tensor> parameters, Func<int, Tensor> loss, TrainingOptions? options = null, IProgress<TrainingStep>? progress = null,
        CancellationToken cancellation = default)
    {
        options = (options ?? TrainingOptions.Default).Validated();
        for (var i = 0; i < parameters.Count; i++)
            if (!parameters[i].requires_grad)
                throw new ArgumentException($"Parameter {i}, [{string.Join(", ", parameters[i].shape)}], does not require a gradient: call requires_grad_(true).", nameof(parameters));
        if (options.MachineIndependent && parameters.FirstOrDefault(p => p.dtype != ScalarType.Float64) is { } other)
            throw new ArgumentException($"MachineIndependent training wants float64 parameters, and one is {other.dtype}: convert the model, To(ScalarType.Float64).", nameof(parameters));
        using var optimizer = new AdamW(parameters, options);
        for (var step = 0; step < options.Steps; step++)
        {
            cancellation.ThrowIfCancellationRequested();
            var done = One(step, parameters, loss, options, optimizer);
            progress?.Report(done);
        }
    }

    private static TrainingStep One(int step, IReadOnlyList<Tensor> parameters, Func<int, Tensor> loss, TrainingOptions options, AdamW optimizer)
    {
        using var scope = NewDisposeScope();
        var (value, gradients) = Gradients(step, parameters, loss);
        using var noGradient = no_grad();
        var length = Length(gradients);
        if (options.ClipNorm > 0)
        {
            // Not in place: a gradient may be a broadcast view.
            var factor = (options.ClipNorm / (length + 1e-6)).clamp_max(1);
            gradients = [.. gradients.Select(g => g is null ? null : g * factor.to(g.dtype))];
        }
        var rate = options.RateAt(step);
        if (options.MachineIndependent)
            (gradients, rate) = (Rounded(gradients), (float)rate);
        optimizer.Step(gradients, rate);
        return new TrainingStep(step, value, rate, length.ToDouble());
    }

    private static (double Value, Tensor?[] Gradients) Gradients(int step, IReadOnlyList<Tensor> parameters, Func<int, Tensor> loss)
    {
        using var mode = enable_grad();
        var value = loss(step);
        if (value.numel() != 1 || !value.requires_grad)
            throw new ArgumentException($"The loss has shape [{string.Join(", ", value.shape)}]{(value.requires_grad ? "" : " and does not depend on a parameter")}, wanted one number.", nameof(loss));
        var number = value.ToDouble();
        if (!double.IsFinite(number))
            throw new ArithmeticException($"The loss is {number} at step {step}: lower the learning rate, or clip gradients.");
        var gradients = autograd.grad([value.sum()], [.. parameters], allow_unused: true);
        return (number, [.. gradients.Select(g => g is { IsInvalid: false } ? g : null)]);
    }

    // To multiples of a power of two, about 2^-16 of a tensor's largest entry and at least 2^-44 of the largest of all: below that gradients are rounding errors.
    private static Tensor?[] Rounded(Tensor?[] gradients)
    {
        int Exponent(Tensor gradient) => gradient.abs().max().ToDouble() is var largest && largest > 0 && double.IsFinite(largest) ? Math.ILogB(largest) : -1000;
        int[] exponents = [.. gradients.Select(g => g is null ? -1000 : Exponent(g))];
        var floor = exponents.Max() - 44;
        return [.. gradients.Zip(exponents, (g, exponent) => g is null ? null : Rounded(g, Math.ScaleB(1, Math.Max(exponent - 16, floor))))];
    }

    private static Tensor Rounded(Tensor gradient, double grain) => gradient.div(grain).round().mul(grain);

    private static Tensor Length(Tensor?[] gradients)
    {
        var squares = gradients.OfType<Tensor>().Select(g => g.square().sum().to(ScalarType.Float64)).ToList();
        return stack(squares, 0).sum().sqrt();
    }
}
