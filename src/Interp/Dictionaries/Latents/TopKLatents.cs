namespace Interp;

using TorchSharp;
using static TorchSharp.torch;

/// <summary>f = the k largest of relu(z) in each row.</summary>
/// <param name="K">Active latents per row.</param>
/// <remarks>Gao et al. 2024. Fewer than k are active where fewer are positive.</remarks>
public sealed record TopKLatents(int K) : LatentActivation
{
    /// <inheritdoc/>
    public override string Name => "topk";

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
        var chosen = Chosen(relu.detach(), K);
        return new(input.Pre, relu * chosen.to(relu.dtype), selected: chosen);
    }

    /// <inheritdoc/>
    public override Tensor Rescaled(string weight, Tensor value, Tensor factor) => value;

    /// <summary>Its name and how many latents it keeps.</summary>
    public override string ToString() => $"{Name} of {K}";

    /// <summary>True at the k largest of each row, [rows, width].</summary>
    internal static Tensor Chosen(Tensor values, long k)
    {
        using var scope = NewDisposeScope();
        var (_, places) = values.topk((int)Math.Min(k, values.shape[^1]), -1, sorted: false); // [rows, k]
        return zeros_like(values, dtype: ScalarType.Bool).scatter_(-1, places, ones_like(places, dtype: ScalarType.Bool)).MoveToOuterDisposeScope();
    }
}
