namespace Interp;

using Interp.Extending;
using TorchSharp;

/// <summary>The built-in interventions.</summary>
/// <remarks>Tensors given here stay the caller's: they must live until the run is over.</remarks>
public static class Interventions
{
    /// <summary>Puts given values in place of the activation.</summary>
    /// <param name="values">The unit's shape, or one that broadcasts to it.</param>
    public static IIntervention Replace(torch.Tensor values) => new Function($"replace by {Shape(values)}", (_, _) => values);

    /// <summary>Adds a direction times a strength.</summary>
    /// <param name="direction">Broadcasts to the unit, such as [d_model].</param>
    /// <param name="scale">The strength.</param>
    public static IIntervention Add(torch.Tensor direction, double scale = 1) =>
        new Function($"add {scale} x {Shape(direction)}", (x, _) => x + direction * scale);

    /// <summary>Multiplies by a factor.</summary>
    public static IIntervention Scale(double factor) => new Function($"scale by {factor}", (x, _) => x * factor);

    /// <summary>Zero ablation.</summary>
    public static IIntervention Zero() => new Function("zero", (x, _) => torch.zeros_like(x));

    /// <summary>Removes the component along a direction, x - (x·v)v / |v|^2, over the last axis.</summary>
    /// <param name="direction">[width of the last axis].</param>
    /// <exception cref="ArgumentException">The direction is zero, or not finite.</exception>
    public static IIntervention ProjectOut(torch.Tensor direction)
    {
        using var squares = direction.to(torch.ScalarType.Float64).square().sum();
        if (squares.ToDouble() is var length && !(length > 0 && double.IsFinite(length)))
            throw new ArgumentException($"The direction {Shape(direction)} has the squared length {length}: it points nowhere that could be projected out.", nameof(direction));
        return new Function($"project out {Shape(direction)}", (x, _) => x - (x * direction).sum(-1, keepdim: true) * (direction / direction.dot(direction)));
    }

    /// <summary>Applies a function.</summary>
    public static IIntervention Apply(Func<torch.Tensor, torch.Tensor> function, string name = "function") => new Function(name, (x, _) => function(x));

    /// <summary>Applies a function that is told where it acts.</summary>
    public static IIntervention Apply(Func<torch.Tensor, InterventionContext, torch.Tensor> function, string name = "function") => new Function(name, function);

    /// <summary>Leaves the values alone and stops the gradient.</summary>
    public static IIntervention StopGradient() => new Function("stop gradient", (x, _) => x.detach());

    /// <summary>Leaves the values alone and multiplies the gradient by a factor.</summary>
    public static IIntervention ScaleGradient(double factor) =>
        new Function($"scale gradient by {factor}", (x, _) => TorchSeam.TapGradient(x, gradient => gradient * factor));

    /// <summary>Leaves the values alone and puts given values in place of the gradient.</summary>
    /// <param name="gradient">The unit's shape, or one that broadcasts to it.</param>
    public static IIntervention ReplaceGradient(torch.Tensor gradient) =>
        new Function($"replace gradient by {Shape(gradient)}", (x, _) => TorchSeam.TapGradient(x, g => gradient.expand_as(g).clone()));

    private static string Shape(torch.Tensor t) => $"[{string.Join(", ", t.shape)}]";

    private sealed class Function(string name, Func<torch.Tensor, InterventionContext, torch.Tensor> apply) : IIntervention
    {
        public torch.Tensor Apply(torch.Tensor selected, InterventionContext context) => apply(selected, context);

        public override string ToString() => name;
    }
}
