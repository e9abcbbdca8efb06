namespace Interp.Micro;

using BenchmarkDotNet.Attributes;
using static Interp.Sites;

/// <summary>Activation patching: planned, and one run for each patch.</summary>
public class SweepBenchmarks
{
    private static readonly PatchOptions OneByOne = new() { Strategy = PatchStrategy.Serial };
    private readonly HookedTransformer model = SmallModel.Create();
    private Contrast study = null!;

    [GlobalSetup]
    public void Prepare() => study = SmallModel.Study(model);

    [GlobalCleanup]
    public void Dispose() => model.Dispose();

    [Benchmark(Baseline = true)]
    public PatchResult StreamByPositionSerial() => study.Patch(ResidPre.ByPosition(), OneByOne);

    [Benchmark]
    public PatchResult StreamByPosition() => study.Patch(ResidPre.ByPosition());

    [Benchmark]
    public PatchResult HeadOutputs() => study.Patch(Z.ByHead());

    [Benchmark]
    public PatchResult HeadKeysByPosition() => study.Patch(K.ByHead().ByPosition());
}
