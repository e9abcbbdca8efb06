namespace Interp.Micro;

using BenchmarkDotNet.Attributes;
using static Interp.Sites;

/// <summary>Forward passes: plain, with captures, with an intervention.</summary>
public class RunBenchmarks
{
    private readonly HookedTransformer model = SmallModel.Create();
    private RunPlan one = null!;
    private RunPlan eight = null!;

    [GlobalSetup]
    public void Prepare()
    {
        one = model.On(SmallModel.Tokens(1, SmallModel.Positions, seed: 1));
        eight = model.On(SmallModel.Tokens(SmallModel.Prompts, SmallModel.Positions, seed: 1));
    }

    [GlobalCleanup]
    public void Dispose() => model.Dispose();

    [Benchmark]
    public void ForwardOnePrompt() => one.Logits().Dispose();

    [Benchmark(Baseline = true)]
    public void Forward() => eight.Logits().Dispose();

    [Benchmark]
    public void ForwardLastLogits() => eight.LogitsAt(Position.Last).Logits().Dispose();

    [Benchmark]
    public void CaptureStreams() => eight.Capture(ResidPre, ResidMid, ResidPost).Run().Dispose();

    [Benchmark]
    public void CaptureAll() => eight.CaptureAll().Run().Dispose();

    [Benchmark]
    public void ZeroOneHead() => eight.Zero(Z[1].Head(2)).Logits().Dispose();
}
