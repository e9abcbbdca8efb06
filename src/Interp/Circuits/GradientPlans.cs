namespace Interp;

using TorchSharp;
using static TorchSharp.torch;

/// <summary>The runs whose gradients a method averages, with their weights.</summary>
internal sealed class GradientPlans(Contrast contrast, CancellationToken cancellation)
{
    private HookedTransformer Model => contrast.Model;

    /// <summary>The sites that nodes write: the embedding, each layer's heads together, each MLP.</summary>
    public static List<Unit> Written(TransformerConfig config)
    {
        List<Unit> sites = [Sites.Embed];
        for (var layer = 0; layer < config.Layers; layer++)
            sites.AddRange(config.AttentionOnly ? [Sites.Z[layer]] : [Sites.Z[layer], Sites.MlpOut[layer]]);
        return sites;
    }

    /// <summary>The plans of a method. A plan's tensors live until the next is asked for.</summary>
    public IEnumerable<(RunPlan Plan, double Weight)> Of(Method method) => method switch
    {
        Method.EapMethod => [(contrast.BasePlan, 1)],
        Method.CleanCorruptedMethod => BothEnds(),
        Method.EapIgMethod ig => AlongInputs(ig),
        Method.EapIgActivationsMethod ig => AlongActivations(ig),
        _ => throw new ArgumentException($"'{method}' is no average of gradients: use EAP, its integrated forms, or Exact.", nameof(method)),
    };

    private IEnumerable<(RunPlan Plan, double Weight)> BothEnds()
    {
        contrast.CheckAligned("The gradient at both ends");
        return [(contrast.BasePlan, 0.5), (contrast.SourcePlan, 0.5)];
    }

    private IEnumerable<(RunPlan Plan, double Weight)> AlongInputs(Method.EapIgMethod ig)
    {
        using var own = contrast.BasePlan.Capture(Sites.Embed).WithoutLogits().Run(cancellation);
        using var source = contrast.SourceValues([Sites.Embed], own.Cache, cancellation);
        var (clean, corrupted) = contrast.Direction == Direction.Denoising ? (source[Sites.Embed], own[Sites.Embed]) : (own[Sites.Embed], source[Sites.Embed]);
        foreach (var (share, weight) in QuadraturePoints.Of(ig.Rule, ig.Steps))
        {
            using var point = Between(corrupted, clean, share);
            yield return (contrast.BasePlan.Replace(Sites.Embed, point), weight);
        }
    }

    private IEnumerable<(RunPlan Plan, double Weight)> AlongActivations(Method.EapIgActivationsMethod ig)
    {
        var sites = Written(Model.Config);
        using var own = contrast.BasePlan.Capture(sites).WithoutLogits().Run(cancellation);
        using var source = contrast.SourceValues(sites, own.Cache, cancellation);
        foreach (var site in sites)
            foreach (var (share, weight) in QuadraturePoints.Of(ig.Rule, ig.Steps))
            {
                using var point = Between(source[site], own[site], share);
                yield return (contrast.BasePlan.Replace(site, point), weight / sites.Count);
            }
    }

    /// <summary>The point at a share of the way.</summary>
    public static Tensor Between(Tensor start, Tensor end, double share)
    {
        using var scope = NewDisposeScope();
        return (start + (end - start) * share).MoveToOuterDisposeScope();
    }
}
