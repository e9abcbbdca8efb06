namespace Interp;

using TorchSharp;

/// <summary>f = relu(z); wants a sparsity penalty.</summary>
/// <remarks>Cunningham et al. 2023, Bricken et al. 2023.</remarks>
public sealed record ReluLatents : LatentActivation
{
    /// <inheritdoc/>
    public override string Name => "standard";

    /// <inheritdoc/>
    public override bool FixesSparsity => false;

    /// <inheritdoc/>
    public override IReadOnlyList<string> OwnWeights => [];

    /// <inheritdoc/>
    public override double InitialValue(string weight) => 0;

    /// <inheritdoc/>
    public override DictionaryLatents Apply(LatentInput input) => new(input.Pre, input.Pre.relu());

    /// <inheritdoc/>
    public override torch.Tensor Rescaled(string weight, torch.Tensor value, torch.Tensor factor) => value;

    /// <summary>Its name.</summary>
    public override string ToString() => Name;
}
