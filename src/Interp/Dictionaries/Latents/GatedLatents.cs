namespace Interp;

using TorchSharp;

/// <summary>f = 1[x·W + b_gate &gt; 0] · relu(exp(r_mag)·(x·W) + b_mag).</summary>
/// <remarks>Rajamanoharan et al. 2024. The dictionary's <see cref="DictionaryWeights.EncoderBias"/> is b_gate.</remarks>
public sealed record GatedLatents : LatentActivation
{
    /// <summary>The name of the log scale of the magnitude path.</summary>
    public const string LogScale = "r_mag";

    /// <summary>The name of the bias of the magnitude path.</summary>
    public const string MagnitudeBias = "b_mag";

    /// <inheritdoc/>
    public override string Name => "gated";

    /// <inheritdoc/>
    public override bool FixesSparsity => false;

    /// <inheritdoc/>
    public override IReadOnlyList<string> OwnWeights => [LogScale, MagnitudeBias];

    /// <inheritdoc/>
    public override double InitialValue(string weight) => 0;

    /// <inheritdoc/>
    public override DictionaryLatents Apply(LatentInput input)
    {
        var magnitude = input.Projected * input.Own(LogScale).exp() + input.Own(MagnitudeBias);
        return new(magnitude, (input.Pre > 0).to(magnitude.dtype) * magnitude.relu(), gate: input.Pre);
    }

    /// <inheritdoc/>
    public override torch.Tensor Rescaled(string weight, torch.Tensor value, torch.Tensor factor) => weight == MagnitudeBias ? value * factor : value;

    /// <summary>Its name.</summary>
    public override string ToString() => Name;
}
