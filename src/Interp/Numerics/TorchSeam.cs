namespace Interp;

using TorchSharp;
using Heads = (TorchSharp.torch.Tensor Queries, TorchSharp.torch.Tensor Keys, TorchSharp.torch.Tensor Values);

/// <summary>The one place where the two flavours of torch differ: what TorchSharp's public API lacks.</summary>
internal static class TorchSeam
{
#if TORCH_PACKAGE
    /// <summary>The tanh approximation of GELU, 0.5 x (1 + tanh(sqrt(2/π) (x + 0.044715 x^3))).</summary>
    public static torch.Tensor GeluTanh(torch.Tensor x)
    {
        using var scope = torch.NewDisposeScope();
        var inner = (x + x.pow(3) * 0.044715) * Math.Sqrt(2 / Math.PI);
        return (x * 0.5 * (inner.tanh() + 1)).MoveToOuterDisposeScope();
    }

    /// <summary>LayerNorm with its statistics from one kernel; TorchSharp has no such call.</summary>
    public static (torch.Tensor Output, torch.Tensor Scale)? LayerNorm(torch.Tensor x, long[] width, torch.Tensor? gain, torch.Tensor? bias, double epsilon) => null;

    /// <summary>Whether there is a kernel for attention of rows that share most of their prompt's; TorchSharp has none.</summary>
    public static bool HasSharedAttention(torch.Tensor like) => false;

    /// <summary>Not to be called: <see cref="HasSharedAttention"/>.</summary>
    public static void SharedAttention(torch.Tensor z, Heads shared, Heads own, long start, torch.Tensor bias, double scale, double cap) =>
        throw new NotSupportedException("TorchSharp has no kernel for shared attention.");

    /// <summary>The same values, with their gradient passed through a function.</summary>
    public static torch.Tensor TapGradient(torch.Tensor x, Func<torch.Tensor, torch.Tensor> map) => x.requires_grad ? Identity.apply(x, map) : x;

    private sealed class Identity : torch.autograd.SingleTensorFunction<Identity>
    {
        public override string Name => "Interp.TapGradient";

        public override torch.Tensor forward(torch.autograd.AutogradContext ctx, params object[] vars)
        {
            ctx.save_data("map", vars[1]);
            return ((torch.Tensor)vars[0]).alias();
        }

        public override List<torch.Tensor> backward(torch.autograd.AutogradContext ctx, torch.Tensor grad_output) =>
            [((Func<torch.Tensor, torch.Tensor>)ctx.get_data("map"))(grad_output), null!];
    }
#else
    /// <summary>The tanh approximation of GELU, 0.5 x (1 + tanh(sqrt(2/π) (x + 0.044715 x^3))).</summary>
    public static torch.Tensor GeluTanh(torch.Tensor x) => Native.Aten.GeluTanh(x);

    /// <summary>LayerNorm with its statistics from one kernel: the same bits as <c>layer_norm</c>, and sqrt(var + eps), [.., 1].</summary>
    public static (torch.Tensor Output, torch.Tensor Scale)? LayerNorm(torch.Tensor x, long[] width, torch.Tensor? gain, torch.Tensor? bias, double epsilon)
    {
        var results = Native.Aten.CallMany("aten::native_layer_norm", "", x, width, gain, bias, epsilon); // output, mean, 1 / sqrt(var + eps)
        return (results[0], results[2].reciprocal());
    }

    /// <summary>Whether there is a kernel for attention of rows that share most of their prompt's: on the CPU, in float32 and float64.</summary>
    public static bool HasSharedAttention(torch.Tensor like) => Native.SharedAttention.Takes(like);

    /// <summary>Attention of rows that share their prompt's queries, keys and values but for a stretch of positions.</summary>
    /// <param name="z">Where to, [row, query, head, d_head]: the last so many positions.</param>
    /// <param name="shared">The prompts', [prompt, pos, head or kv_head, d_head].</param>
    /// <param name="own">The rows' own, [row, stretch, head or kv_head, d_head]; row r belongs to prompt r modulo the number of prompts.</param>
    /// <param name="start">The first position of the stretch.</param>
    /// <param name="bias">[1 or head, query, key].</param>
    /// <param name="scale">Scores are multiplied by it.</param>
    /// <param name="cap">Soft cap of the scores, 0 for none.</param>
    public static void SharedAttention(torch.Tensor z, Heads shared, Heads own, long start, torch.Tensor bias, double scale, double cap) =>
        Native.SharedAttention.Into(z, shared, own, start, bias, scale, cap);

    /// <summary>The same values, with their gradient passed through a function.</summary>
    public static torch.Tensor TapGradient(torch.Tensor x, Func<torch.Tensor, torch.Tensor> map)
    {
        if (!x.requires_grad)
            return x;
        var tapped = x.alias();
        Native.GradientTap.Register(tapped, map);
        return tapped;
    }
#endif
}
