namespace Interp;

using System.Collections.Immutable;
using TorchSharp;

/// <summary>The weights of a mixture of experts.</summary>
public sealed class ExpertWeights : WeightGroup
{
    /// <summary>The router, [d_model, expert].</summary>
    public required torch.Tensor Router { get; init; }

    /// <summary>The experts, each a gated MLP.</summary>
    public required ImmutableArray<MlpWeights> Experts { get; init; }

    /// <inheritdoc/>
    public override IEnumerable<(string Name, torch.Tensor Tensor)> Tensors() =>
        Present(("W_router", Router)).Concat(Experts.SelectMany((expert, i) => Within($"experts.{i}.", expert)));

    /// <summary>The same group with every tensor mapped.</summary>
    public ExpertWeights Map(Func<torch.Tensor, torch.Tensor> map) => new() { Router = map(Router), Experts = [.. Experts.Select(expert => expert.Map(map))] };
}
