using Interp.Native;
using Shouldly;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace Interp.Torch.Tests;

[Trait("Tier", "unit")]
public sealed class OperatorTests : IDisposable
{
    private const double Inf = double.PositiveInfinity;
    private readonly DisposeScope _scope = NewDisposeScope();

    public void Dispose() => _scope.Dispose();

    [Fact]
    public void Arithmetic_WithNumbersOnEitherSide_IsElementwise()
    {
        var a = tensor([1.0, 2, 4]);
        (a + a).ShouldHold(2, 4, 8);
        (a + 1).ShouldHold(2, 3, 5);
        (1f + a).ShouldHold(2, 3, 5);
        (a - 1L).ShouldHold(0, 1, 3);
        (1.0 - a).ShouldHold(0, -1, -3);
        (2 * a).ShouldHold(2, 4, 8);
        (a / 2).ShouldHold(0.5, 1, 2);
        (4 / a).ShouldHold(4, 2, 1);
        (a % 3).ShouldHold(1, 2, 1);
        (-a).ShouldHold(-1, -2, -4);
        a.pow(2).ShouldHold(1, 4, 16);
        a.add(a, 10).ShouldHold(11, 22, 44);
        (tensor([7, -7]).div((Scalar)2, RoundingMode.floor)).ShouldHold(3, -4);
        (tensor([7, -7]).div((Scalar)2, RoundingMode.trunc)).ShouldHold(3, -3);
        (tensor([1, 2]) / 2).dtype.ShouldBe(ScalarType.Float32);
        a.addcmul(a, a, 2).ShouldHold(3, 10, 36);
        a.lerp(zeros(3, float64), tensor(0.5)).ShouldHold(0.5, 1, 2);
        a.clamp((Scalar)1.5, (Scalar)3).ShouldHold(1.5, 2, 3);
        maximum(a, tensor([2.0, 1, 9])).ShouldHold(2, 2, 9);
        minimum(a, tensor([2.0, 1, 9])).ShouldHold(1, 1, 4);
    }

    [Fact]
    public void InPlace_ReturnsTheSameObject()
    {
        var a = tensor([1.0, 2]);
        ReferenceEquals(a.add_(1), a).ShouldBeTrue();
        a.mul_(2).sub_(1).div_(2).ShouldHold(1.5, 2.5);
        a.zero_().ShouldHold(0, 0);
        a.fill_(3).ShouldHold(3, 3);
        a.copy_(tensor([5, 6])).ShouldHold(5, 6);
        a.neg_().abs_().sqrt_().pow_(2).ShouldHold(5, 6);
        a.clamp_((Scalar)5.5, null).ShouldHold(5.5, 6);
    }

    [Fact]
    public void Pointwise_EqualsTheFunction()
    {
        var x = tensor([0.25, 0.5]);
        var cases = new (Tensor Actual, Func<double, double> Expected)[]
        {
            (x.exp(), Math.Exp), (x.log(), Math.Log), (x.sqrt(), Math.Sqrt), (x.rsqrt(), v => 1 / Math.Sqrt(v)), (x.sin(), Math.Sin), (x.cos(), Math.Cos),
            (x.tanh(), Math.Tanh), (x.sigmoid(), v => 1 / (1 + Math.Exp(-v))), (x.log2(), Math.Log2), (x.log1p(), v => Math.Log(1 + v)),
            (x.expm1(), v => Math.Exp(v) - 1), (x.atan(), Math.Atan), (x.reciprocal(), v => 1 / v), (x.square(), v => v * v),
            (x.silu(), v => v / (1 + Math.Exp(-v))), (x.softplus(), v => Math.Log(1 + Math.Exp(v))), (x.cosh(), Math.Cosh), (x.exp2(), v => Math.Pow(2, v)),
        };
        foreach (var (actual, expected) in cases) actual.ShouldHold(expected(0.25), expected(0.5));
        x.erf().ShouldHold(0.2763263902, 0.5204998778);
        x.gelu().ShouldHold(0.25 * 0.5987063257, 0.5 * 0.6914624613);
        double Gelu(double v) => 0.5 * v * (1 + Math.Tanh(Math.Sqrt(2 / Math.PI) * (v + 0.044715 * v * v * v)));
        Aten.GeluTanh(x).ShouldHold(Gelu(0.25), Gelu(0.5));
        tensor([-1.5, 2.5, -0.0]).round().ShouldHold(-2, 2, 0);
        tensor([-1.5, 2.5]).floor().ShouldHold(-2, 2);
        tensor([-1.5, 2.5]).ceil().ShouldHold(-1, 3);
        tensor([-1.5, 0, 2.5]).sign().ShouldHold(-1, 0, 1);
        tensor([-1.5, 2.5]).relu().ShouldHold(0, 2.5);
        tensor([double.NaN, Inf, -Inf, 1]).nan_to_num(7, 8, 9).ShouldHold(7, 8, 9, 1);
    }

    [Fact]
    public void Comparisons_GiveTruthValues()
    {
        var a = tensor([1.0, 2, double.NaN]);
        (a > 1).ShouldHold(0, 1, 0);
        (a >= 1).ShouldHold(1, 1, 0);
        (a < 2.0).ShouldHold(1, 0, 0);
        (2 <= a).ShouldHold(0, 1, 0);
        (a == a.clone()).ShouldHold(1, 1, 0);
        (a != 1).ShouldHold(0, 1, 1);
        a.isnan().ShouldHold(0, 0, 1);
        a.isfinite().dtype.ShouldBe(ScalarType.Bool);
        ((a > 1) | (a < 2)).ShouldHold(1, 1, 0);
        ((a > 1) & (a < 2)).ShouldHold(0, 0, 0);
        (~(a > 1)).ShouldHold(1, 0, 1);
        ((tensor([1, 3]) ^ tensor([3, 3]))).ShouldHold(2, 0);
        tensor([1, 2, 3]).isin(tensor([2, 3])).ShouldHold(0, 1, 1);
        tensor([1, 2]).equal(tensor([1, 2])).ToBoolean().ShouldBeTrue();
        tensor([1, 2]).equal(tensor([1, 3])).ToBoolean().ShouldBeFalse();
        tensor([1.0]).allclose(tensor([1.0 + 1e-9])).ShouldBeTrue();
        tensor([1.0, 2]).Equals(tensor([1.0, 2])).ShouldBeTrue();
        tensor([1.0, 2]).Equals(tensor([1.0, 2, 3])).ShouldBeFalse();
    }

    [Fact]
    public void Reductions_OverAllAndSomeAxes_AreRight()
    {
        var a = tensor(new double[,] { { 1, 2, 3 }, { 4, 5, 9 } });
        a.sum().ShouldHold(24);
        a.sum(0L).ShouldHold(5, 7, 12);
        a.sum([0, 1]).ShouldHold(24);
        a.sum([1L], keepdim: true).ShouldHaveShape(2, 1);
        a.mean([1]).ShouldHold(2, 6);
        a.mean().ShouldHold(4);
        a.prod(1).ShouldHold(6, 180);
        a.var(1).ShouldHold(1, 7);
        a.var([1], unbiased: false).ShouldHold(2.0 / 3, 14.0 / 3);
        a.std(1).ShouldHold(1, Math.Sqrt(7));
        var (variance, mean) = var_mean(a, 1L);
        variance.ShouldHold(1, 7);
        mean.ShouldHold(2, 6);
        a.max().ShouldHold(9);
        var (values, indices) = a.max(0);
        values.ShouldHold(4, 5, 9);
        indices.ShouldHold(1, 1, 1);
        a.argmax(1).ShouldHold(2, 2);
        a.argmin().ShouldHold(0);
        a.amax([1]).ShouldHold(3, 9);
        a.norm().ShouldHold(Math.Sqrt(136));
        a.norm(1, p: 1).ShouldHold(6, 18);
        a.logsumexp(1).ShouldHold(Math.Log(Math.Exp(1) + Math.Exp(2) + Math.Exp(3)), Math.Log(Math.Exp(4) + Math.Exp(5) + Math.Exp(9)));
        a.cumsum(1).ShouldHold(1, 3, 6, 4, 9, 18);
        (a > 8).any().ShouldHold(1);
        (a > 8).all(1).ShouldHold(0, 0);
        a.median().ShouldHold(3);
        a.sum(ScalarType.Float32).dtype.ShouldBe(ScalarType.Float32);
        tensor([1, 2]).sum().dtype.ShouldBe(ScalarType.Int64);
    }

    [Fact]
    public void Sorting_AndCounting_AreRight()
    {
        var a = tensor([3.0, 1, 2, 1]);
        var (values, order) = a.sort(stable: true);
        values.ShouldHold(1, 1, 2, 3);
        order.ShouldHold(1, 3, 2, 0);
        a.argsort(descending: true)[0].ShouldHold(0);
        var (top, at) = a.topk(2);
        top.ShouldHold(3, 2);
        at.ShouldHold(0, 2);
        var (output, inverse, counts) = a.unique(return_inverse: true, return_counts: true);
        output.ShouldHold(1, 2, 3);
        inverse!.ShouldHold(2, 0, 1, 0);
        counts!.ShouldHold(2, 1, 1);
        a.unique().counts.ShouldBeNull();
        tensor([0L, 1, 1, 3]).bincount(null, 5).ShouldHold(1, 2, 0, 1, 0);
        a.histc(2, 1, 3).ShouldHold(2, 2);
        searchsorted(tensor([1.0, 2, 3]), tensor([2.0, 2.5])).ShouldHold(1, 2);
        a.kthvalue(2, null).values.ShouldHold(1);
        a.quantile(tensor(0.5)).ShouldHold(1.5);
        a.count_nonzero().ShouldHold(4);
    }

    [Fact]
    public void Products_AgreeWithEachOther()
    {
        var a = randn([3, 4], float64);
        var b = randn([4, 5], float64);
        var c = a.matmul(b);
        c.ShouldHaveShape(3, 5);
        a.mm(b).ShouldEqual(c);
        einsum("ij,jk->ik", a, b).ShouldEqual(c);
        a.unsqueeze(0).bmm(b.unsqueeze(0))[0].ShouldEqual(c);
        nn.functional.linear(a, b.t()).ShouldEqual(c);
        ones([3, 5], float64).addmm(a, b, 2, 3).ShouldEqual(c * 3 + 2, 1e-6);
        ones([1, 3, 5], float64).baddbmm(a.unsqueeze(0), b.unsqueeze(0))[0].ShouldEqual(c + 1);
        (a.unsqueeze(2) * b.unsqueeze(0)).sum([1]).ShouldEqual(c);
        tensordot(a, b, [1], [0]).ShouldEqual(c);
        a[0].dot(b[.., 0]).ShouldEqual(c[0, 0]);
        a.mv(b[.., 1]).ShouldEqual(c[.., 1]);
        tensor([1.0, 2]).outer(tensor([3.0, 4])).ShouldHold(3, 4, 6, 8);
        kron(tensor([1.0, 2]), tensor([1.0, 1])).ShouldHold(1, 1, 2, 2);
        cdist(tensor(new double[,] { { 0, 0 } }), tensor(new double[,] { { 3, 4 } })).ShouldHold(5);
    }

    [Fact]
    public void SoftmaxNormsAndLosses_EqualTheirDefinition()
    {
        var x = randn([2, 5], float64);
        x.softmax(-1).ShouldEqual(x.exp() / x.exp().sum([1], true));
        x.log_softmax(-1).ShouldEqual(x.softmax(-1).log());
        var (w, b) = (rand([5], float64), rand([5], float64));
        var centred = x - x.mean([1], true);
        var expected = centred / (centred.pow(2).mean([1], true) + 1e-5).sqrt() * w + b;
        nn.functional.layer_norm(x, [5], w, b).ShouldEqual(expected);
        var target = tensor([1L, 4]);
        var nll = -(x.log_softmax(-1)[0, 1] + x.log_softmax(-1)[1, 4]);
        nn.functional.cross_entropy(x, target).ShouldEqual(nll / 2);
        nn.functional.cross_entropy(x, target, reduction: nn.Reduction.Sum).ShouldEqual(nll);
        nn.functional.nll_loss(x.log_softmax(-1), target, reduction: nn.Reduction.None).ShouldHaveShape(2);
        nn.functional.mse_loss(x, zeros([2, 5], float64)).ShouldEqual(x.pow(2).mean());
        var (p, q) = (x.log_softmax(-1), randn([2, 5], float64).log_softmax(-1));
        nn.functional.kl_div(p, q, true, nn.Reduction.Sum).ShouldEqual((q.exp() * (q - p)).sum());
        var (k, v) = (randn([1, 2, 4, 5], float64), randn([1, 2, 4, 5], float64));
        var scores = k.matmul(k.transpose(-1, -2)) / Math.Sqrt(5);
        var mask = ones([4, 4], ScalarType.Bool).triu(1);
        nn.functional.scaled_dot_product_attention(k, k, v, is_casual: true).ShouldEqual(scores.masked_fill(mask, -Inf).softmax(-1).matmul(v), 1e-8);
        nn.functional.one_hot(tensor([1L, 0]), 3).ShouldHold(0, 1, 0, 1, 0, 0);
        nn.functional.normalize(tensor(new double[,] { { 3, 4 } })).ShouldHold(0.6, 0.8);
    }

    [Fact]
    public void Linalg_Factors_MultiplyBack()
    {
        var a = randn([4, 3], float64);
        var (u, s, vh) = linalg.svd(a, false);
        (u * s).matmul(vh).ShouldEqual(a, 1e-9);
        var (q, r) = linalg.qr(a);
        q.matmul(r).ShouldEqual(a, 1e-9);
        var symmetric = a.t().matmul(a);
        var (values, vectors) = linalg.eigh(symmetric);
        (vectors * values).matmul(vectors.t()).ShouldEqual(symmetric, 1e-9);
        linalg.inv(symmetric).matmul(symmetric).ShouldEqual(eye(3, dtype: float64), 1e-7);
        linalg.det(tensor(new double[,] { { 1, 2 }, { 3, 4 } })).ShouldHold(-2);
        linalg.norm(a).ShouldEqual(a.pow(2).sum().sqrt());
        linalg.lstsq(a, a.matmul(ones([3, 1], float64))).Solution.ShouldEqual(ones([3, 1], float64), 1e-7);
        linalg.solve(symmetric, symmetric).ShouldEqual(eye(3, dtype: float64), 1e-7);
        linalg.pinv(a).matmul(a).ShouldEqual(eye(3, dtype: float64), 1e-7);
        linalg.svdvals(a).ShouldEqual(s);
        linalg.matrix_rank(a).ShouldHold(3);
        fft.irfft(fft.rfft(a[.., 0])).ShouldEqual(a[.., 0]);
    }

    [Fact]
    public void HalfPrecision_RoundsAndConverts()
    {
        var x = tensor([1f, 1.00390625f, 3.14159f]);
        var b = x.to(bfloat16);
        b.dtype.ShouldBe(ScalarType.BFloat16);
        b.to(float32).ShouldHold(1, 1, 3.140625);
        b.matmul(b).dtype.ShouldBe(ScalarType.BFloat16);
        ((float)b[2]).ShouldBe(3.140625f);
        x.to(float16)[2].item<Half>().ShouldBe((Half)3.14159f);
        x.@long().ShouldHold(1, 1, 3);
        x.@bool().dtype.ShouldBe(ScalarType.Bool);
    }

    [Fact]
    public void Aten_GenericCall_ReachesWhatTorchSharpLacks()
    {
        var x = tensor(new double[,] { { 1, 2 }, { 3, 4 } });
        Aten.Call("aten::logsumexp", "", x, new long[] { 0, 1 }).ShouldEqual(x.flatten().logsumexp(0));
        Aten.CallMany("aten::unbind", "int", x, 0).Length.ShouldBe(2);
        Aten.Exists("aten::add", "Tensor").ShouldBeTrue();
        Aten.Exists("aten::no_such_operator").ShouldBeFalse();
        Aten.Call("aten::index_put", "", x, AtenArgument.Optional(null, tensor([0L])), tensor(9.0)).ShouldHold(9, 2, 9, 4);
    }
}
