using System.Runtime.InteropServices;
using Interp.Native;
using Shouldly;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace Interp.Torch.Tests;

[Trait("Tier", "unit")]
public sealed class SharedAttentionTests : IDisposable
{
    private readonly DisposeScope _scope = NewDisposeScope();

    public void Dispose() => _scope.Dispose();

    // Widths that fill vectors, that do not, and more than one block of them; stretches at the start, within and at the end; one query and all.
    [Theory]
    [InlineData(64, 4, 4, 0, 9, 9, 0, ScalarType.Float64)]
    [InlineData(7, 4, 2, 3, 6, 6, 0, ScalarType.Float64)]
    [InlineData(80, 3, 1, 4, 1, 5, 0, ScalarType.Float64)]
    [InlineData(32, 4, 4, 4, 1, 1, 3, ScalarType.Float64)]
    [InlineData(20, 2, 2, 8, 1, 1, 0, ScalarType.Float64)]
    [InlineData(13, 2, 1, 2, 4, 7, 2, ScalarType.Float32)]
    [InlineData(128, 2, 2, 0, 9, 9, 0, ScalarType.Float32)]
    public void Into_EqualsOperatorsOverCopies(int width, int heads, int shared, int start, int stretch, int queries, double cap, ScalarType type)
    {
        const int Prompts = 2, Rows = 6, Length = 9;
        manual_seed(3);
        Tensor Draw(params long[] shape) => randn(shape, dtype: type);
        var (q, k, v) = (Draw(Prompts, Length, heads, width), Draw(Prompts, Length, shared, width), Draw(Prompts, Length, shared, width));
        // The rows' own stand side by side in one tensor, as a fused product leaves them.
        var all = Draw(Rows, stretch, heads + 2 * shared, width);
        var (ownQ, ownK, ownV) = (all.narrow(2, 0, heads), all.narrow(2, heads, shared), all.narrow(2, heads + shared, shared));
        var bias = Draw(heads, Length, Length).add_(full([Length, Length], double.NegativeInfinity, dtype: type).triu(1));
        bias[0, 5, 2] = double.NegativeInfinity;
        var z = zeros([Rows, queries, heads, width], dtype: type);
        SharedAttention.Into(z, (q, k, v), (ownQ, ownK, ownV), start, bias, 0.3, cap);

        Tensor Whole(Tensor t, Tensor own)
        {
            var rows = t.repeat(Rows / Prompts, 1, 1, 1); // row r is prompt r modulo their number
            rows.narrow(1, start, stretch).copy_(own);
            return rows.repeat_interleave(heads / t.shape[2], 2).transpose(1, 2); // [row, head, pos, width]
        }
        var scores = Whole(q, ownQ).matmul(Whole(k, ownK).transpose(2, 3)) * 0.3;
        if (cap > 0)
            scores = (scores / cap).tanh() * cap;
        var expected = (scores + bias).softmax(-1).matmul(Whole(v, ownV)).transpose(1, 2).narrow(1, Length - queries, queries);
        (z - expected).abs().max().ToDouble().ShouldBeLessThan(type == ScalarType.Float64 ? 1e-13 : 1e-5);
    }

    [Fact]
    public void Into_WhatDoesNotFit_IsAnError()
    {
        Tensor Draw(params long[] shape) => randn(shape, dtype: ScalarType.Float32);
        var (whole, own, z, bias) = (Draw(2, 5, 3, 4), Draw(2, 2, 3, 4), Draw(2, 3, 3, 4), Draw(1, 5, 5));
        void Run(Tensor own, Tensor z, Tensor bias, long start) => SharedAttention.Into(z, (whole, whole, whole), (own, own, own), start, bias, 1, 0);
        Should.Throw<ExternalException>(() => Run(own, z, bias, 4)).Message.ShouldContain("do not fit");
        Should.Throw<ExternalException>(() => Run(own, z, Draw(1, 4, 5), 1)).Message.ShouldContain("do not fit");
        Should.Throw<ExternalException>(() => Run(own, z.@double(), bias, 1)).Message.ShouldContain("one type of element");
        Should.Throw<ExternalException>(() => Run(Draw(2, 2, 4, 3).transpose(2, 3), z, bias, 1)).Message.ShouldContain("dense last axis");
        Should.NotThrow(() => Run(own, z, bias, 1));
    }
}
