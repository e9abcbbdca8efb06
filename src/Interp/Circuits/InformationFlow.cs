namespace Interp;

using TorchSharp;
using static TorchSharp.torch;

/// <summary>Information-flow routes (Ferrando and Voita 2024, eq. 2) on the clean prompts.</summary>
/// <remarks>share(u, v) = max(0, |x_v|₁ - |x_v - u|₁) over the sum of all sources' of v, x_v the stream that v reads; mean over positions.</remarks>
internal sealed class InformationFlow(Contrast contrast, CircuitGraph graph, CancellationToken cancellation)
{
    /// <summary>Shares of every edge for every prompt, [source, target, prompt].</summary>
    public double[] Run()
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        List<Unit> read = [Sites.ResidPre, Sites.ResidPost[^1]];
        if (!graph.Config.AttentionOnly)
            read.Add(Sites.MlpIn);
        using var run = contrast.CleanPlan.Capture([.. GradientPlans.Written(graph.Config), .. read]).WithoutLogits().Run(cancellation);
        var prompts = contrast.Base.Batch;
        var result = new double[graph.Sources.Length * graph.Targets.Length * prompts];
        foreach (var targets in graph.TargetGroups())
        {
            var target = graph.Targets[targets[0]];
            var shares = Shares(run, run[target.StreamRead], graph.SourceCount(target)); // source by prompt
            for (var source = 0; source < shares.Length / prompts; source++)
                foreach (var t in targets)
                    Array.Copy(shares, source * prompts, result, (source * graph.Targets.Length + t) * prompts, prompts);
        }
        return result;
    }

    private double[] Shares(Run run, Tensor x, int count)
    {
        using var scope = NewDisposeScope();
        var size = x.abs().sum(dim: -1); // [batch, pos]
        var nearer = graph.SourcesByLayer().TakeWhile(g => g.First < count)
            .SelectMany(g => graph.Written(contrast.Model, run.Cache, g.Layer).Take(count - g.First))
            .Select(u => (size - (x - u).abs().sum(dim: -1)).clamp_min(0));
        var all = stack(nearer, 0); // [source, batch, pos]
        return (all / all.sum(0L, keepdim: true).clamp_min(double.Epsilon)).mean([-1]).Doubles();
    }
}
