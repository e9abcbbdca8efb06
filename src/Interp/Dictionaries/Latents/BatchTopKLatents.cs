namespace Interp;

using System.Globalization;
using TorchSharp;
using static TorchSharp.torch;

/// <summary>In training the ⌊k·rows⌋ largest of relu(z) in the whole batch; outside it those of relu(z) above the learned threshold.</summary>
/// <param name="K">Active latents per row on average; need not be whole.</param>
/// <remarks>Bussmann et al. 2024. Before a threshold is known the batch rule is used everywhere.</remarks>
public sealed record BatchTopKLatents(double K) : LatentActivation
{
    /// <inheritdoc/>
    public override string Name => "batchtopk";

    /// <inheritdoc/>
    public override bool FixesSparsity => true;

    /// <inheritdoc/>
    public override IReadOnlyList<string> OwnWeights => [];

    /// <inheritdoc/>
    public override double InitialValue(string weight) => 0;

    /// <inheritdoc/>
    public override DictionaryLatents Apply(LatentInput input)
    {
        var relu = input.Pre.relu();
        if (!input.Training && input.Threshold is { } threshold)
            return new(input.Pre, relu * (relu > threshold).to(relu.dtype));
        var flat = TopKLatents.Chosen(relu.detach().reshape(1, -1), (long)(K * (relu.numel() / relu.shape[^1])));
        return new(input.Pre, relu * flat.reshape(relu.shape).to(relu.dtype));
    }

    /// <inheritdoc/>
    public override Tensor Rescaled(string weight, Tensor value, Tensor factor) => value;

    /// <summary>Its name and how many latents it keeps, on average.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Name} of {K}");
}
