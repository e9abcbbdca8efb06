namespace Interp;

/// <summary>How edges and nodes are scored.</summary>
[TypeFormatterSource(typeof(NotebookFormatters))]
public abstract record Method
{
    private Method()
    {
    }

    /// <summary>Edge attribution patching (Syed et al. 2023): difference of the source's outputs times the gradient at the target, one backward pass.</summary>
    public static Method Eap { get; } = new EapMethod();

    /// <summary>EAP with the mean of the gradients on the clean and the corrupted run (Hanna et al. 2024).</summary>
    public static Method CleanCorrupted { get; } = new CleanCorruptedMethod();

    /// <summary>The metric's change when the edge (or the node) alone is patched: one run for each, many in one batch.</summary>
    public static Method Exact { get; } = new ExactMethod();

    /// <summary>
    /// Information-flow routes (Ferrando and Voita 2024): how much nearer a source brings its target's input to what it is, max(0, |x|₁ - |x - source|₁),
    /// as a share of all sources'; mean over positions. Clean prompts and one forward pass alone: no metric, no sign. Edges only.
    /// </summary>
    public static Method InformationFlow { get; } = new InformationFlowMethod();

    /// <summary>EAP with integrated gradients over the input embeddings (Hanna et al. 2024): gradients at corrupted + a (clean - corrupted).</summary>
    /// <param name="steps">How many points.</param>
    /// <param name="rule">Which points a; the reference takes the left ones for edges and the right ones for nodes.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no step.</exception>
    public static Method EapIg(int steps = 5, Quadrature rule = Quadrature.Left) => new EapIgMethod(Positive(steps), rule);

    /// <summary>
    /// EAP with integrated gradients over the outputs of each sublayer in turn (Marks et al. 2024): source + a (base - source) while all else
    /// is the base run's, all heads of a layer together; mean over sublayers.
    /// </summary>
    /// <param name="steps">How many points.</param>
    /// <param name="rule">Which points a.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no step.</exception>
    public static Method EapIgActivations(int steps = 3, Quadrature rule = Quadrature.Right) => new EapIgActivationsMethod(Positive(steps), rule);

    /// <summary>
    /// Integrated gradients of each node along its own path, source + a (base - source), all else the base run's (Sundararajan et al. 2017).
    /// Complete: a node's score tends to its exact effect as steps grow. Nodes only; one run of steps times prompts for each node.
    /// </summary>
    /// <param name="steps">How many points.</param>
    /// <param name="rule">Which points a.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no step.</exception>
    public static Method NodePaths(int steps = 16, Quadrature rule = Quadrature.GaussLegendre) => new NodePathsMethod(Positive(steps), rule);

    /// <summary>
    /// The metric's gradient with respect to a mask over edges, 0 where the edge carries the base run's value and 1 where the source run's.
    /// At 0 it is EAP; with steps the mean of the gradients at 0, 1/steps .. 1, all edges together (Miller et al. 2024). Edges only.
    /// Keeps the graph over all differences: for small models.
    /// </summary>
    /// <param name="steps">0 for the gradient at 0 alone.</param>
    /// <exception cref="ArgumentOutOfRangeException">The number is negative.</exception>
    public static Method MaskGradient(int steps = 0) =>
        steps >= 0 ? new MaskGradientMethod(steps) : throw new ArgumentOutOfRangeException(nameof(steps), $"Mask values in {steps} steps: give 0 for the gradient at zero, or more.");

    /// <summary>The method's name in results and files.</summary>
    public sealed override string ToString() => this switch
    {
        EapMethod => "EAP",
        CleanCorruptedMethod => "EAP, clean and corrupted gradients",
        ExactMethod => "exact patching",
        InformationFlowMethod => "information-flow routes",
        EapIgMethod ig => $"EAP-IG, {ig.Steps} steps over inputs{Named(ig.Rule, Quadrature.Left)}",
        EapIgActivationsMethod ig => $"EAP-IG, {ig.Steps} steps over activations{Named(ig.Rule, Quadrature.Right)}",
        NodePathsMethod ig => $"integrated gradients of nodes, {ig.Steps} steps{Named(ig.Rule, Quadrature.GaussLegendre)}",
        MaskGradientMethod { Steps: 0 } => "mask gradient at zero",
        MaskGradientMethod mask => $"mask gradient, {mask.Steps} steps",
        _ => GetType().Name,
    };

    private static string Named(Quadrature rule, Quadrature usual) => rule == usual ? "" : $", {rule}";

    private static int Positive(int steps) =>
        steps > 0 ? steps : throw new ArgumentOutOfRangeException(nameof(steps), $"Integrated gradients need at least one step, not {steps}.");

    internal sealed record EapMethod : Method;

    internal sealed record CleanCorruptedMethod : Method;

    internal sealed record ExactMethod : Method;

    internal sealed record InformationFlowMethod : Method;

    internal sealed record EapIgMethod(int Steps, Quadrature Rule) : Method;

    internal sealed record EapIgActivationsMethod(int Steps, Quadrature Rule) : Method;

    internal sealed record NodePathsMethod(int Steps, Quadrature Rule) : Method;

    internal sealed record MaskGradientMethod(int Steps) : Method;
}
