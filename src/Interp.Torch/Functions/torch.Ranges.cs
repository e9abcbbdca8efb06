using Interp.Native;

namespace TorchSharp;

// Ranges, identities, and tensors like another.
public static partial class torch
{
    private static readonly Op s_arange = new("aten::arange", "start_step");
    private static readonly Op s_linspace = new("aten::linspace");
    private static readonly Op s_logspace = new("aten::logspace");
    private static readonly Op s_eye = new("aten::eye", "m");
    private static readonly Op s_zeros_like = new("aten::zeros_like");
    private static readonly Op s_ones_like = new("aten::ones_like");
    private static readonly Op s_empty_like = new("aten::empty_like");
    private static readonly Op s_full_like = new("aten::full_like");
    private static readonly Op s_empty_strided = new("aten::empty_strided");
    private static readonly Op s_tril_indices = new("aten::tril_indices");
    private static readonly Op s_triu_indices = new("aten::triu_indices");

    public static Tensor arange(
        Scalar start, Scalar stop, Scalar step, ScalarType? dtype = null, Device? device = null, bool requires_grad = false)
    {
        var real = start.IsFloat || stop.IsFloat || step.IsFloat;
        var type = dtype ?? (real ? s_defaultDtype : ScalarType.Int64);
        return Finish(s_arange.Call(start, stop, step, type, Arg.None, device ?? s_defaultDevice, Arg.None), requires_grad, null);
    }

    public static Tensor arange(Scalar start, Scalar stop, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
        arange(start, stop, 1, dtype, device, requires_grad);

    public static Tensor arange(Scalar stop, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
        arange(0, stop, 1, dtype, device, requires_grad);

    public static Tensor linspace(double start, double end, long steps, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
        Finish(s_linspace.Call(start, end, steps, dtype ?? s_defaultDtype, Arg.None, device ?? s_defaultDevice, Arg.None), requires_grad, null);

    public static Tensor logspace(
        double start, double end, long steps, double @base = 10, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
        Finish(s_logspace.Call(start, end, steps, @base, dtype ?? s_defaultDtype, Arg.None, device ?? s_defaultDevice, Arg.None), requires_grad, null);

    public static Tensor eye(
        long rows, long columns = -1, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) =>
        Finish(
            s_eye.Call(rows, columns < 0 ? rows : columns, dtype ?? s_defaultDtype, Arg.None, device ?? s_defaultDevice, Arg.None), requires_grad, names);

    public static Tensor empty_strided(
        long[] size, long[] strides, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) =>
        Finish(
            s_empty_strided.Call(Arg.Ints(size), Arg.Ints(strides), dtype ?? s_defaultDtype, Arg.None, device ?? s_defaultDevice, Arg.None),
            requires_grad, names);

    public static Tensor tril_indices(long row, long col, long offset = 0, ScalarType dtype = ScalarType.Int64, Device? device = null) =>
        s_tril_indices.Call(row, col, offset, dtype, Arg.None, device ?? s_defaultDevice, Arg.None);

    public static Tensor triu_indices(long row, long col, long offset = 0, ScalarType dtype = ScalarType.Int64, Device? device = null) =>
        s_triu_indices.Call(row, col, offset, dtype, Arg.None, device ?? s_defaultDevice, Arg.None);

    public static Tensor zeros_like(
        Tensor input, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) =>
        Finish(s_zeros_like.Call(input, dtype, Arg.None, device, Arg.None), requires_grad, names);

    public static Tensor ones_like(
        Tensor input, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) =>
        Finish(s_ones_like.Call(input, dtype, Arg.None, device, Arg.None), requires_grad, names);

    public static Tensor empty_like(
        Tensor input, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) =>
        Finish(s_empty_like.Call(input, dtype, Arg.None, device, Arg.None), requires_grad, names);

    public static Tensor full_like(
        Tensor input, Scalar value, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) =>
        Finish(s_full_like.Call(input, value, dtype, Arg.None, device, Arg.None), requires_grad, names);

    public partial class Tensor
    {
        public Tensor zeros_like(ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
            torch.zeros_like(this, dtype, device, requires_grad);

        public Tensor ones_like(ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
            torch.ones_like(this, dtype, device, requires_grad);

        public Tensor empty_like(ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
            torch.empty_like(this, dtype, device, requires_grad);

        public Tensor full_like(Scalar value, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
            torch.full_like(this, value, dtype, device, requires_grad);

        public Tensor rand_like(ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
            torch.rand_like(this, dtype, device, requires_grad);

        public Tensor randn_like(ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
            torch.randn_like(this, dtype, device, requires_grad);

        public Tensor randint_like(long low, long high, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
            torch.randint_like(this, low, high, dtype, device, requires_grad);
    }
}
