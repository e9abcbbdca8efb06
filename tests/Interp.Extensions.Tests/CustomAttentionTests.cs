namespace Interp.Extensions.Tests;

using Shouldly;
using TorchSharp;
using Xunit;
using static Interp.Sites;
using static TorchSharp.torch;

[Trait("Tier", "model")]
public sealed class CustomAttentionTests : IDisposable
{
    private static readonly int[][] Clean = [[1, 2, 3, 4, 5, 6], [7, 8, 9, 10, 11, 12]];
    private static readonly int[][] Corrupted = [[1, 2, 13, 4, 5, 6], [7, 8, 3, 10, 2, 12]];
    private readonly HookedTransformer plain = Made();
    private readonly HookedTransformer model;

    public CustomAttentionTests() => model = plain.WithAttention(1, _ => new GatedAttention(plain, 1));

    public void Dispose()
    {
        model.Dispose();
        plain.Dispose();
    }

    [Fact]
    public void Capture_ItsOwnHookPoint_GivesTheGate()
    {
        using var run = model.On(Clean).Capture(GatedAttention.Gate, Q, Z).Run();
        using var scope = NewDisposeScope();
        var gate = run[GatedAttention.Gate[1]];
        gate.shape.ShouldBe([2, 6, 4]);
        Worst(gate, run[Q[1]].square().mean([-1]).sigmoid()).ShouldBeLessThan(1e-12);
        HookName.Parse("blocks.1.attn.hook_gate").ShouldBe(new HookName(GatedAttention.Gate, 1));
        Should.Throw<ArgumentException>(() => model.On(Clean).Capture(GatedAttention.Gate[0]).Run());
        Should.Throw<ArgumentException>(() => plain.On(Clean).Capture(GatedAttention.Gate).Run()).Message.ShouldContain("does not have it");
    }

    [Fact]
    public void Replace_TheGateByOne_GivesThePlainModel()
    {
        using var scope = NewDisposeScope();
        var opened = model.On(Clean).Apply(GatedAttention.Gate, x => ones_like(x)).Logits();
        Worst(opened, plain.On(Clean).Logits()).ShouldBeLessThan(1e-10);
        Worst(model.On(Clean).Logits(), opened).ShouldBeGreaterThan(1e-3);
    }

    [Fact]
    public void Patch_TheGateByHead_EqualsPatchingByHand()
    {
        var metric = Metric.LogitDifference(1, 2);
        var study = model.Contrast(RunInput.Of(Clean), RunInput.Of(Corrupted), metric);
        var table = study.Patch(GatedAttention.Gate.ByHead());
        table.Patched.Shape.ShouldBe([1, 4]);
        using var clean = model.On(Clean).Capture(GatedAttention.Gate).Run();
        using var scope = NewDisposeScope();
        for (var head = 0; head < 4; head++)
        {
            var byHand = model.On(Corrupted).Replace(GatedAttention.Gate[1].Head(head), clean[GatedAttention.Gate[1]].select(2, head)).Measure(metric).mean().ToDouble();
            table.Patched[0, head].ShouldBe(byHand, 1e-12);
        }
        table.Effect.Values.ToArray().Max(Math.Abs).ShouldBeGreaterThan(1e-6);
        foreach (var grid in new[] { ResidPre.ByPosition(), Z.ByHead() })
        {
            var (planned, serial) = (study.Patch(grid), study.Patch(grid, new PatchOptions { Strategy = PatchStrategy.Serial }));
            for (var i = 0; i < serial.Patched.Count; i++)
                planned.Patched.Values[i].ShouldBe(serial.Patched.Values[i], 1e-10);
        }
    }

    [Fact]
    public void Gradients_AtTheGate_EqualFiniteDifferences()
    {
        const double Step = 1e-6;
        var metric = Metric.LogitDifference(1, 2);
        using var run = model.On(Clean).Gradients(metric, GatedAttention.Gate);
        using var scope = NewDisposeScope();
        var worst = 0.0;
        for (var head = 0; head < 4; head++)
        {
            double Moved(double by) => model.On(Clean).Apply(GatedAttention.Gate[1].Head(head).At(2), x => x + by).Measure(metric).mean().ToDouble();
            var slope = (Moved(Step) - Moved(-Step)) / (2 * Step);
            worst = Math.Max(worst, Math.Abs(slope - run[GatedAttention.Gate[1]][.., 2, head].sum().ToDouble()));
        }
        Evidence.Record("custom-attention", worst < 1e-6, $"gradient against finite differences {Evidence.Text(worst)}");
        worst.ShouldBeLessThan(1e-6);
    }

    [Fact]
    public void GenerateTokens_WithKeptKeys_EqualsRunningEverythingAgain()
    {
        using var scope = NewDisposeScope();
        var rows = Clean.Select(r => r.ToList()).ToArray();
        for (var step = 0; step < 5; step++)
        {
            var next = model.On(rows).LogitsAt(Position.Last).Logits().argmax(-1).flatten().data<long>().ToArray();
            for (var row = 0; row < rows.Length; row++)
                rows[row].Add((int)next[row]);
        }
        model.On(Clean).GenerateTokens(5).ShouldBe(rows.Select(r => r.Skip(6).ToArray()).ToArray());
    }

    [Fact]
    public void Intervene_AnInterventionOfOnesOwn_ActsAtItsUnit()
    {
        using var scope = NewDisposeScope();
        var plan = model.On(Clean).Intervene(MlpOut[0].At(3), new Reversal());
        plan.ToString().ShouldContain("reversal at blocks.0.hook_mlp_out pos 3");
        using var run = plan.Capture(MlpOut).Run();
        using var before = model.On(Clean).Capture(MlpOut).Run();
        Worst(run[MlpOut[0]][.., 3], before[MlpOut[0]][.., 3].flip(-1)).ShouldBe(0);
        Worst(run[MlpOut[0]][.., 2], before[MlpOut[0]][.., 2]).ShouldBe(0);
    }

    private static double Worst(Tensor a, Tensor b)
    {
        using var scope = NewDisposeScope();
        return (a - b).abs().max().ToDouble();
    }

    // Three layers, four heads, no biases in attention.
    private static HookedTransformer Made()
    {
        using var scope = NewDisposeScope();
        using var generator = new Generator(3);
        Tensor Draw(params long[] shape) => (randn(shape, dtype: ScalarType.Float64, generator: generator) * 0.4).DetachFromDisposeScope();
        NormWeights Norm() => new() { Gain = Draw(16), Bias = Draw(16) };
        var config = new TransformerConfig { Layers = 3, DModel = 16, Heads = 4, DHead = 4, DMlp = 24, DVocab = 17, Context = 12, Activation = Activation.Gelu };
        return HookedTransformer.Create(config, new TransformerWeights
        {
            Embedding = Draw(17, 16),
            Positions = Draw(12, 16),
            Blocks =
            [
                .. Enumerable.Range(0, 3).Select(_ => new BlockWeights
                {
                    Norm1 = Norm(),
                    Attention = new AttentionWeights { Qkv = Draw(16, 48), Output = Draw(16, 16) },
                    Norm2 = Norm(),
                    Mlp = new MlpWeights { In = Draw(16, 24), InBias = Draw(24), Out = Draw(24, 16), OutBias = Draw(16) },
                }),
            ],
            FinalNorm = Norm(),
            Unembedding = Draw(16, 17),
        });
    }

    private sealed class Reversal : Interp.Extending.IIntervention
    {
        public Tensor Apply(Tensor selected, Interp.Extending.InterventionContext context) => selected.flip(-1);

        public override string ToString() => "reversal";
    }
}
