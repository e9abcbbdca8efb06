namespace Interp;

using TorchSharp;

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
