namespace Interp.Micro;

using BenchmarkDotNet.Attributes;
using static Interp.Sites;

/// <summary>The logit lens over a captured run, and what each component adds to the logits.</summary>
public class LensBenchmarks
{
    private readonly HookedTransformer model = SmallModel.Create();
    private Run run = null!;

    [GlobalSetup]
    public void Prepare() => run = SmallModel.Captured(model);

    [GlobalCleanup]
    public void Dispose()
    {
        run.Dispose();
        model.Dispose();
    }

    [Benchmark]
    public void LensEverywhere() => run.LogitLens().Dispose();

    [Benchmark]
    public void LensAtLast() => run.LogitLens(Position.Last).Dispose();
}
