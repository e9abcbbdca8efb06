namespace Interp;

using static Interp.Sites;

/// <summary>Ablation of what a head selects: its attention made even.</summary>
public static class UniformAttentionExtensions
{
    /// <summary>Scales the queries of heads by a small number, so that each token attends evenly to all that it sees: rows of 1 / i.</summary>
    /// <remarks>
    /// "Undifferentiated attention" of Zhou et al. 2024, "On the Role of Attention Heads in Large Language Model Safety". Position biases
    /// (ALiBi) are no part of the queries and stay. On rotary models the queries are scaled behind rotation and norm.
    /// </remarks>
    /// <param name="plan">The plan.</param>
    /// <param name="layers">In which layers.</param>
    /// <param name="heads">Which heads of each.</param>
    /// <param name="epsilon">The factor.</param>
    /// <exception cref="NotSupportedException">The model normalises queries and has no rotation behind the norm.</exception>
    public static RunPlan UniformAttention(this RunPlan plan, Indices layers, Indices heads = default, double epsilon = 1e-6)
    {
        ArgumentNullException.ThrowIfNull(plan);
        var model = plan.Model;
        var rotary = model.Sites.Contains(RotQ);
        if (model.Config.QueryKeyNorm && !rotary)
            throw new NotSupportedException($"{model.Config.ModelName} normalises its queries, which undoes a scaling: replace the pattern (Intervene at Pattern).");
        return layers.Resolve(model.Config.Layers, "layer")
            .Aggregate(plan, (next, layer) => next.Scale((rotary ? RotQ : Q)[layer].Head(heads), epsilon));
    }
}
