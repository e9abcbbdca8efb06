using Shouldly;
using TorchSharp;
using TorchSharp.Modules;
using Xunit;
using static TorchSharp.torch;

namespace Interp.Torch.Tests;

[Trait("Tier", "unit")]
public sealed class OptimTests : IDisposable
{
    private readonly DisposeScope _scope = NewDisposeScope();

    public void Dispose() => _scope.Dispose();

    [Fact]
    public void AdamW_TwoSteps_EqualTheFormula()
    {
        var p = new Parameter(tensor([1.0]));
        using var optimizer = optim.AdamW([p], lr: 0.1, weight_decay: 0.5);
        var (x, m, v) = (1.0, 0.0, 0.0);
        for (var t = 1; t <= 2; t++)
        {
            optimizer.zero_grad();
            (p * p).sum().backward();
            optimizer.step();
            var g = 2 * x;
            x *= 1 - 0.1 * 0.5;
            m = 0.9 * m + 0.1 * g;
            v = 0.999 * v + 0.001 * g * g;
            x -= 0.1 * (m / (1 - Math.Pow(0.9, t))) / (Math.Sqrt(v / (1 - Math.Pow(0.999, t))) + 1e-8);
            p.item<double>().ShouldBe(x, 1e-12);
        }
    }

    [Fact]
    public void Adam_WeightDecay_IsPartOfTheGradient()
    {
        var p = new Parameter(tensor([2.0]));
        using var optimizer = optim.Adam([p], lr: 0.1, weight_decay: 1);
        p.grad = tensor([0.0]);
        optimizer.step();
        p.item<double>().ShouldBe(2 - 0.1, 1e-7);
    }

    [Fact]
    public void Sgd_WithMomentum_EqualsTheFormula()
    {
        var p = new Parameter(tensor([1.0]));
        using var optimizer = optim.SGD([p], 0.1, momentum: 0.5);
        p.grad = tensor([1.0]);
        optimizer.step();
        optimizer.step();
        p.item<double>().ShouldBe(1 - 0.1 - 0.1 * 1.5, 1e-12);
    }

    [Fact]
    public void State_SavedAndLoaded_ContinuesBitForBit()
    {
        var (one, two) = (new Parameter(tensor([1.0, 2])), new Parameter(tensor([1.0, 2])));
        using var first = optim.AdamW([one], lr: 0.01);
        Steps(first, one, 3);
        using var stream = new MemoryStream();
        using var writer = new BinaryWriter(stream);
        first.save_state_dict(writer);
        using (no_grad()) two.copy_(one);
        using var second = optim.AdamW([two], lr: 0.5);
        stream.Position = 0;
        second.load_state_dict(new BinaryReader(stream));
        Steps(first, one, 3);
        Steps(second, two, 3);
        one.Equals(two).ShouldBeTrue();
    }

    [Fact]
    public void ParamGroups_HaveTheirOwnRate()
    {
        var (p, q) = (new Parameter(ones(1)), new Parameter(ones(1)));
        using var optimizer = optim.SGD([new SGD.ParamGroup([p], lr: 0.1), new SGD.ParamGroup([q], lr: 0.2)], 0.3);
        p.grad = ones(1);
        q.grad = ones(1);
        optimizer.step();
        p.ShouldHold(0.9);
        q.ShouldHold(0.8);
        foreach (var group in optimizer.ParamGroups) group.LearningRate = 0;
        optimizer.step();
        p.ShouldHold(0.9);
    }

    [Fact]
    public void Step_LeavesNoTensorBehind()
    {
        var p = new Parameter(ones(10));
        using var optimizer = optim.AdamW([p]);
        Steps(optimizer, p, 1);
        var before = Tensor.TotalCount;
        Steps(optimizer, p, 5);
        Tensor.TotalCount.ShouldBe(before);
    }

    [Fact]
    public void Clipping_ScalesToTheCommonNorm()
    {
        var (p, q) = (new Parameter(zeros(1)), new Parameter(zeros(1)));
        p.grad = tensor([3f]);
        q.grad = tensor([4f]);
        nn.utils.clip_grad_norm_([p, q], 1).ShouldBe(5, 1e-6);
        p.grad!.item<float>().ShouldBe(0.6f, 1e-5);
    }

    [Fact]
    public void Initialisation_HasTheRightSpread()
    {
        manual_seed(1).Dispose();
        nn.init.xavier_normal_(empty(200, 300)).std().item<float>().ShouldBe((float)Math.Sqrt(2.0 / 500), 0.003);
        nn.init.kaiming_uniform_(empty(200, 300), Math.Sqrt(5)).abs().max().item<float>().ShouldBeLessThanOrEqualTo((float)Math.Sqrt(1.0 / 300) + 1e-6f);
        var q = nn.init.orthogonal_(empty([4, 6], float64));
        q.matmul(q.t()).ShouldEqual(eye(4, dtype: float64), 1e-9);
        nn.init.trunc_normal_(empty(1000), std: 0.02, a: -0.03, b: 0.03).abs().max().item<float>().ShouldBeLessThanOrEqualTo(0.03001f);
    }

    private static void Steps(optim.Optimizer optimizer, Parameter p, int count)
    {
        for (var k = 0; k < count; k++)
        {
            using var scope = NewDisposeScope();
            optimizer.zero_grad();
            (p * p * p).sum().backward();
            optimizer.step();
        }
    }
}
