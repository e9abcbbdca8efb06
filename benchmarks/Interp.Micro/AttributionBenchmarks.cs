namespace Interp.Micro;

using BenchmarkDotNet.Attributes;
using static Interp.Sites;

/// <summary>Gradients: of a run, attribution of heads, edge attribution.</summary>
public class AttributionBenchmarks
{
    private readonly HookedTransformer model = SmallModel.Create();
    private Contrast study = null!;
    private RunPlan whole = null!;

    [GlobalSetup]
    public void Prepare() => (study, whole) = (SmallModel.Study(model), model.On(SmallModel.Tokens(SmallModel.Prompts, SmallModel.Positions, seed: 1)));

    [GlobalCleanup]
    public void Dispose() => model.Dispose();

    [Benchmark(Baseline = true)]
    public void ForwardAndBackward() => whole.Gradients(study.Metric, Embed).Dispose();

    [Benchmark]
    public AttributionResult AttributeHeads() => study.Attribute(Z.ByHead());

    [Benchmark]
    public EdgeScores AttributeEdges() => study.Edges(Method.Eap);
}
