namespace Interp;

using TorchSharp;
using static TorchSharp.torch;

/// <summary>A linear read-out: scores W x + b of an activation x, in the activation's own units.</summary>
/// <remarks>
/// Two classes have one score, positive for the second; more have one each; numbers have one, the prediction. Whatever standardisation the
/// fit used is folded into W and b. Probabilities are sigmoid or softmax of <see cref="Slope"/> x score + <see cref="Offset"/>; slope and
/// offset are 1 and 0 for logistic probes, and fitted to the training scores for the others.
/// </remarks>
[TypeFormatterSource(typeof(NotebookFormatters))]
public sealed partial class LinearProbe
{
    private readonly double[] weights;
    private readonly double[] bias;

    /// <summary>A probe from its numbers.</summary>
    /// <param name="method">How it was fitted.</param>
    /// <param name="classes">The classes in order; empty where it predicts a number.</param>
    /// <param name="weights">[outputs, features], row-major: one output for two classes or a number, else one per class.</param>
    /// <param name="bias">[outputs].</param>
    /// <exception cref="ArgumentException">The numbers of outputs do not fit together.</exception>
    public LinearProbe(string method, IReadOnlyList<string> classes, double[] weights, double[] bias)
    {
        ArgumentNullException.ThrowIfNull(classes);
        var outputs = classes.Count > 2 ? classes.Count : 1;
        if (classes.Count == 1 || bias.Length != outputs || weights.Length == 0 || weights.Length % outputs != 0)
            throw new ArgumentException($"{classes.Count} classes, {weights.Length} weights and {bias.Length} biases do not fit: {outputs} outputs need {outputs} biases and as many rows of weights.");
        (Method, Classes, this.weights, this.bias) = (method, [.. classes], weights, bias);
    }

    /// <summary>How it was fitted.</summary>
    public string Method { get; }

    /// <summary>The classes in order; empty where it predicts a number.</summary>
    public IReadOnlyList<string> Classes { get; }

    /// <summary>Where its features come from.</summary>
    public string Name { get; init; } = "features";

    /// <summary>The penalty of its fit, on standardised features and the mean loss per row; 0 where there is none.</summary>
    public double Penalty { get; init; }

    /// <summary>What a score is multiplied with before the sigmoid or softmax.</summary>
    public double Slope { get; init; } = 1;

    /// <summary>What is added to it (two classes).</summary>
    public double Offset { get; init; }

    /// <summary>1 for two classes or a number, else the number of classes.</summary>
    public int Outputs => bias.Length;

    /// <summary>The number of features.</summary>
    public int FeatureCount => weights.Length / Outputs;

    /// <summary>The constant of each output.</summary>
    public ReadOnlySpan<double> Bias => bias;

    /// <summary>The features whose weight is not zero in some output, ascending: what a sparse probe selected.</summary>
    public IReadOnlyList<int> Support => [.. Enumerable.Range(0, FeatureCount).Where(f => Enumerable.Range(0, Outputs).Any(o => weights[o * FeatureCount + f] != 0))];

    /// <summary>The weights of an output, [features], per unit of the activation.</summary>
    public ReadOnlySpan<double> Weights(int output = 0) => weights.AsSpan(output * FeatureCount, FeatureCount);

    /// <summary>The direction of an output as a vector for interventions, [features]; the caller disposes it.</summary>
    /// <remarks>For two classes it points towards the second. A mean difference keeps its length, the distance between the classes' means.</remarks>
    /// <param name="output">The class, where there are more than two.</param>
    /// <param name="dtype">The element type; that of most models by default.</param>
    /// <param name="device">The device; main memory by default.</param>
    public Tensor Direction(int output = 0, ScalarType dtype = ScalarType.Float32, Device? device = null)
    {
        using var scope = NewDisposeScope();
        return tensor(Weights(output).ToArray(), dtype: dtype, device: device).MoveToOuterDisposeScope();
    }

    /// <summary>The scores W x + b.</summary>
    /// <param name="features">[rows, features].</param>
    /// <returns>[rows, outputs], float64 (float32 where a float64 copy of the features would pass 400 MB); the caller disposes it.</returns>
    /// <exception cref="ArgumentException">The number of features is another one.</exception>
    public Tensor Scores(Tensor features)
    {
        Shape.Check(features, $"rows {FeatureCount}", nameof(features));
        using var scope = NewDisposeScope();
        var wide = Standardised.Wide(features);
        var matrix = tensor(weights, [Outputs, FeatureCount], dtype: wide.dtype, device: wide.device);
        var constants = tensor(bias, dtype: wide.dtype, device: wide.device);
        return (wide.matmul(matrix.t()) + constants).MoveToOuterDisposeScope(); // [rows, outputs]
    }

    /// <summary>The probability of each class.</summary>
    /// <param name="features">[rows, features].</param>
    /// <returns>[rows, classes], float64; the caller disposes it.</returns>
    /// <exception cref="InvalidOperationException">The probe predicts a number.</exception>
    public Tensor Probabilities(Tensor features)
    {
        if (Classes.Count == 0)
            throw new InvalidOperationException("The probe predicts a number: it has scores and no probabilities.");
        using var scope = NewDisposeScope();
        var scores = Scores(features).to(ScalarType.Float64) * Slope + Offset;
        if (Outputs > 1)
            return scores.softmax(-1).MoveToOuterDisposeScope();
        var positive = scores.sigmoid();
        return cat([1 - positive, positive], 1).MoveToOuterDisposeScope(); // [rows, 2]
    }

    /// <summary>The method, the classes and the number of features.</summary>
    public override string ToString()
    {
        var used = Support.Count;
        var what = Classes.Count == 0 ? "a number" : string.Join(" / ", Classes);
        return $"{Method} probe of {what} on {Name}: {FeatureCount} features{(used < FeatureCount ? $", {used} used" : "")}{(Penalty > 0 ? $", penalty {NumberText.Short(Penalty)}" : "")}";
    }

    /// <summary>The same probe under the name of its features.</summary>
    internal LinearProbe Named(string name) => new(Method, Classes, weights, bias) { Name = name, Penalty = Penalty, Slope = Slope, Offset = Offset };
}
