namespace Interp;

using System.Globalization;
using TorchSharp;

/// <summary>f = z·1[z &gt; θ], with a threshold per latent that learns through a straight-through estimate.</summary>
/// <remarks>
/// Rajamanoharan et al. 2024. ∂f/∂z = 1[z &gt; θ], ∂f/∂θ = -(θ/ε)·rect((z - θ)/ε), where rect(u) is 1 for -½ &lt; u &lt; ½ and 0 else.
/// Outside training negative pre-activations are cut, which differs only where a threshold is negative.
/// </remarks>
public sealed record JumpReluLatents : LatentActivation
{
    /// <summary>The name of the threshold weight when it is kept as it is.</summary>
    public const string Threshold = "threshold";

    /// <summary>The name of the threshold weight when its logarithm is kept.</summary>
    public const string LogThreshold = "log_threshold";

    /// <summary>ε: how wide the estimate's window is.</summary>
    public double Bandwidth { get; init; } = 0.05;

    /// <summary>Whether the trained weight is log θ, which keeps thresholds positive.</summary>
    public bool InLogSpace { get; init; }

    /// <summary>θ at the start.</summary>
    public double InitialThreshold { get; init; } = 0.01;

    /// <inheritdoc/>
    public override string Name => "jumprelu";

    /// <inheritdoc/>
    public override bool FixesSparsity => false;

    /// <inheritdoc/>
    public override IReadOnlyList<string> OwnWeights => [InLogSpace ? LogThreshold : Threshold];

    /// <inheritdoc/>
    public override double InitialValue(string weight) => InLogSpace ? Math.Log(InitialThreshold) : InitialThreshold;

    /// <inheritdoc/>
    public override DictionaryLatents Apply(LatentInput input)
    {
        var threshold = Thresholds(input.Own(OwnWeights[0]));
        return input.Training
            ? new(input.Pre, StraightThrough.JumpRelu(input.Pre, threshold, Bandwidth))
            : new(input.Pre, input.Pre.relu() * (input.Pre > threshold).to(input.Pre.dtype));
    }

    /// <inheritdoc/>
    public override torch.Tensor Rescaled(string weight, torch.Tensor value, torch.Tensor factor) => InLogSpace ? value + factor.log() : value * factor;

    /// <summary>θ, [width], from the trained weight.</summary>
    /// <param name="weight">θ or log θ, as <see cref="InLogSpace"/> says, [width].</param>
    public torch.Tensor Thresholds(torch.Tensor weight) => InLogSpace ? weight.exp() : weight;

    /// <summary>Its name and what its thresholds are learned with.</summary>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture, $"{Name} of bandwidth {Bandwidth}, thresholds from {InitialThreshold}{(InLogSpace ? " in log space" : "")}");
}
