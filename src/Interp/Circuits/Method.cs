namespace Interp;

/// <summary>How edges are scored.</summary>
public abstract record Method
{
    private Method()
    {
    }

    /// <summary>Edge attribution patching (Syed et al. 2023): difference of the source's outputs times the gradient at the target, one backward pass.</summary>
    public static Method Eap { get; } = new EapMethod();

    /// <summary>EAP with the mean of the gradients on the clean and the corrupted run (Hanna et al. 2024).</summary>
    public static Method CleanCorrupted { get; } = new CleanCorruptedMethod();

    /// <summary>The metric's change when the edge alone is patched: one run per edge, many in one batch.</summary>
    public static Method Exact { get; } = new ExactMethod();

    /// <summary>EAP with integrated gradients over the input embeddings (Hanna et al. 2024): gradients at corrupted + (k/steps)(clean - corrupted), k = 0 to steps - 1.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no step.</exception>
    public static Method EapIg(int steps = 5) => new EapIgMethod(Positive(steps));

    /// <summary>EAP with integrated gradients over the outputs of each sublayer in turn (Marks et al. 2024): interpolations k = 1 to steps.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no step.</exception>
    public static Method EapIgActivations(int steps = 3) => new EapIgActivationsMethod(Positive(steps));

    /// <summary>The method's name in results and files.</summary>
    public sealed override string ToString() => this switch
    {
        EapMethod => "EAP",
        CleanCorruptedMethod => "EAP, clean and corrupted gradients",
        ExactMethod => "exact edge patching",
        EapIgMethod ig => $"EAP-IG, {ig.Steps} steps over inputs",
        EapIgActivationsMethod ig => $"EAP-IG, {ig.Steps} steps over activations",
        _ => GetType().Name,
    };

    private static int Positive(int steps) =>
        steps > 0 ? steps : throw new ArgumentOutOfRangeException(nameof(steps), $"Integrated gradients need at least one step, not {steps}.");

    internal sealed record EapMethod : Method;

    internal sealed record CleanCorruptedMethod : Method;

    internal sealed record ExactMethod : Method;

    internal sealed record EapIgMethod(int Steps) : Method;

    internal sealed record EapIgActivationsMethod(int Steps) : Method;
}
