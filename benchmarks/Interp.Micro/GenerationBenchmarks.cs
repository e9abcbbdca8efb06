namespace Interp.Micro;

using BenchmarkDotNet.Attributes;

/// <summary>Greedy generation with kept keys and values.</summary>
public class GenerationBenchmarks
{
    private readonly HookedTransformer model = SmallModel.Create();
    private RunPlan plan = null!;

    [GlobalSetup]
    public void Prepare() => plan = model.On(SmallModel.Tokens(1, SmallModel.Positions, seed: 1));

    [GlobalCleanup]
    public void Dispose() => model.Dispose();

    [Benchmark]
    public int[][] Generate32() => plan.GenerateTokens(32);
}
