using Interp.Native;

namespace TorchSharp;

// Many tensors into one, and products of several.
public static partial class torch
{
    private static readonly Op s_cat = new("aten::cat");
    private static readonly Op s_stack = new("aten::stack");
    private static readonly Op s_hstack = new("aten::hstack");
    private static readonly Op s_vstack = new("aten::vstack");
    private static readonly Op s_dstack = new("aten::dstack");
    private static readonly Op s_column_stack = new("aten::column_stack");
    private static readonly Op s_row_stack = new("aten::row_stack");
    private static readonly Op s_cartesian_prod = new("aten::cartesian_prod");
    private static readonly Op s_block_diag = new("aten::block_diag");
    private static readonly Op s_broadcast_tensors = new("aten::broadcast_tensors");
    private static readonly Op s_chain_matmul = new("aten::chain_matmul");
    private static readonly Op s_einsum = new("aten::einsum");
    private static readonly Op s_where_self = new("aten::where", "self");
    private static readonly Op s_where = new("aten::where");
    private static readonly Op s_cdist = new("aten::cdist");
    private static readonly Op s_searchsorted_Tensor = new("aten::searchsorted", "Tensor");
    private static readonly Op s_searchsorted_Scalar = new("aten::searchsorted", "Scalar");
    private static readonly Op s_meshgrid = new("aten::meshgrid", "indexing");
    private static readonly Op s_combinations = new("aten::combinations");
    private static readonly Op s_complex = new("aten::complex");
    private static readonly Op s_polar = new("aten::polar");
    private static readonly Op s_real = new("aten::real");
    private static readonly Op s_imag = new("aten::imag");
    private static readonly Op s_atleast_1d = new("aten::atleast_1d", "Sequence");
    private static readonly Op s_atleast_2d = new("aten::atleast_2d", "Sequence");
    private static readonly Op s_atleast_3d = new("aten::atleast_3d", "Sequence");
    private static readonly Op s_unique2 = new("aten::_unique2");
    private static readonly Op s_unique_dim = new("aten::unique_dim");
    private static readonly Op s_histogram_bin_ct = new("aten::histogram", "bin_ct");
    private static readonly Op s_histogram_bins_tensor = new("aten::histogram", "bins_tensor");
    private static readonly Op s_gather = new("aten::gather");

    public static Tensor cat(IList<Tensor> tensors, long dim = 0) => s_cat.Call(Arg.Tensors(tensors), dim);

    public static Tensor cat(Tensor[] tensors, long dim = 0) => s_cat.Call(Arg.Tensors(tensors), dim);

    public static Tensor cat(ReadOnlySpan<Tensor> tensors, long dim = 0) => s_cat.Call(Arg.Tensors(tensors), dim);

    public static Tensor concat(IList<Tensor> tensors, long dim = 0) => s_cat.Call(Arg.Tensors(tensors), dim);

    public static Tensor concat(Tensor[] tensors, long dim = 0) => s_cat.Call(Arg.Tensors(tensors), dim);

    public static Tensor concat(ReadOnlySpan<Tensor> tensors, long dim = 0) => s_cat.Call(Arg.Tensors(tensors), dim);

    public static Tensor concatenate(IList<Tensor> tensors, long axis = 0) => s_cat.Call(Arg.Tensors(tensors), axis);

    public static Tensor concatenate(Tensor[] tensors, long axis = 0) => s_cat.Call(Arg.Tensors(tensors), axis);

    public static Tensor concatenate(ReadOnlySpan<Tensor> tensors, long axis = 0) => s_cat.Call(Arg.Tensors(tensors), axis);

    public static Tensor stack(IEnumerable<Tensor> tensors, long dim = 0) => s_stack.Call(Arg.Tensors(tensors), dim);

    public static Tensor hstack(IList<Tensor> tensors) => s_hstack.Call(Arg.Tensors(tensors));

    public static Tensor hstack(params Tensor[] tensors) => s_hstack.Call(Arg.Tensors(tensors));

    public static Tensor hstack(IEnumerable<Tensor> tensors) => s_hstack.Call(Arg.Tensors(tensors));

    public static Tensor hstack(ReadOnlySpan<Tensor> tensors) => s_hstack.Call(Arg.Tensors(tensors));

    public static Tensor vstack(IList<Tensor> tensors) => s_vstack.Call(Arg.Tensors(tensors));

    public static Tensor vstack(Tensor[] tensors) => s_vstack.Call(Arg.Tensors(tensors));

    public static Tensor vstack(ReadOnlySpan<Tensor> tensors) => s_vstack.Call(Arg.Tensors(tensors));

    public static Tensor dstack(params Tensor[] tensors) => s_dstack.Call(Arg.Tensors(tensors));

    public static Tensor dstack(IList<Tensor> tensors) => s_dstack.Call(Arg.Tensors(tensors));

    public static Tensor dstack(ReadOnlySpan<Tensor> tensors) => s_dstack.Call(Arg.Tensors(tensors));

    public static Tensor dstack(IEnumerable<Tensor> tensors) => s_dstack.Call(Arg.Tensors(tensors));

    public static Tensor column_stack(IList<Tensor> tensors) => s_column_stack.Call(Arg.Tensors(tensors));

    public static Tensor column_stack(params Tensor[] tensors) => s_column_stack.Call(Arg.Tensors(tensors));

    public static Tensor column_stack(ReadOnlySpan<Tensor> tensors) => s_column_stack.Call(Arg.Tensors(tensors));

    public static Tensor row_stack(IList<Tensor> tensors) => s_row_stack.Call(Arg.Tensors(tensors));

    public static Tensor row_stack(params Tensor[] tensors) => s_row_stack.Call(Arg.Tensors(tensors));

    public static Tensor row_stack(ReadOnlySpan<Tensor> tensors) => s_row_stack.Call(Arg.Tensors(tensors));

    public static Tensor cartesian_prod(IList<Tensor> tensors) => s_cartesian_prod.Call(Arg.Tensors(tensors));

    public static Tensor cartesian_prod(params Tensor[] tensors) => s_cartesian_prod.Call(Arg.Tensors(tensors));

    public static Tensor cartesian_prod(ReadOnlySpan<Tensor> tensors) => s_cartesian_prod.Call(Arg.Tensors(tensors));

    public static Tensor block_diag(params Tensor[] tensors) => s_block_diag.Call(Arg.Tensors(tensors));

    public static IList<Tensor> broadcast_tensors(params Tensor[] tensors) => s_broadcast_tensors.CallList(Arg.Tensors(tensors));

    public static Tensor chain_matmul(params Tensor[] matrices) => s_chain_matmul.Call(Arg.Tensors(matrices));

    public static Tensor einsum(string equation, params Tensor[] tensors) => s_einsum.Call(equation, Arg.Tensors(tensors));

    public static Tensor where(Tensor condition, Tensor x, Tensor y) => s_where_self.Call(condition, x, y);

    public static Tensor[] where(Tensor condition) => s_where.CallList(condition);

    public static Tensor cdist(
        Tensor x1, Tensor x2, double p = 2, compute_mode compute_mode = compute_mode.use_mm_for_euclid_dist_if_necessary) =>
        s_cdist.Call(x1, x2, p, (long)compute_mode);

    public static Tensor searchsorted(Tensor sorted_sequence, Tensor values, bool out_int32 = false, bool right = false, Tensor? sorter = null) =>
        s_searchsorted_Tensor.Call(sorted_sequence, values, out_int32, right, Arg.None, sorter);

    public static Tensor searchsorted(Tensor sorted_sequence, Scalar values, bool out_int32, bool right, Tensor sorter) =>
        s_searchsorted_Scalar.Call(sorted_sequence, values, out_int32, right, Arg.None, sorter);

    public static Tensor[] meshgrid(IEnumerable<Tensor> tensors, string indexing = "ij") => s_meshgrid.CallList(Arg.Tensors(tensors), indexing);

    public static Tensor combinations(Tensor input, int r = 2, bool with_replacement = false) => s_combinations.Call(input, r, with_replacement);

    public static Tensor complex(Tensor real, Tensor imag) => s_complex.Call(real, imag);

    public static Tensor polar(Tensor abs, Tensor angle) => s_polar.Call(abs, angle);

    public static Tensor real(Tensor input) => s_real.Call(input);

    public static Tensor imag(Tensor input) => s_imag.Call(input);

    public static IEnumerable<Tensor> atleast_1d(params Tensor[] input) => s_atleast_1d.CallList(Arg.Tensors(input));

    public static IEnumerable<Tensor> atleast_2d(params Tensor[] input) => s_atleast_2d.CallList(Arg.Tensors(input));

    public static IEnumerable<Tensor> atleast_3d(params Tensor[] input) => s_atleast_3d.CallList(Arg.Tensors(input));

    public static Tensor gather(Tensor input, long dim, Tensor index, bool sparse_grad = false) => s_gather.Call(input, dim, index, sparse_grad);

    public static (Tensor output, Tensor? inverse_indices, Tensor? counts) unique(
        Tensor input, bool sorted = true, bool return_inverse = false, bool return_counts = false, int? dim = null)
    {
        var (output, inverse, counts) = dim is { } d
            ? s_unique_dim.Call3(input, d, sorted, return_inverse, return_counts)
            : s_unique2.Call3(input, sorted, return_inverse, return_counts);
        if (!return_inverse) inverse.Dispose();
        if (!return_counts) counts.Dispose();
        return (output, return_inverse ? inverse : null, return_counts ? counts : null);
    }

    public static (Tensor hist, Tensor bin_edges) histogram(
        Tensor input, long bins, (double min, double max)? range = null, Tensor? weight = null, bool density = false) =>
        s_histogram_bin_ct.Call2(input, bins, range is { } r ? Arg.Doubles([r.min, r.max]) : Arg.None, weight, density);

    public static (Tensor hist, Tensor bin_edges) histogram(Tensor input, Tensor bins, Tensor? weight = null, bool density = false) =>
        s_histogram_bins_tensor.Call2(input, bins, weight, density);

    public static Size broadcast_shapes(params long[][] shapes)
    {
        using var scope = NewDisposeScope();
        return new Size(broadcast_tensors(Array.ConvertAll(shapes, s => empty(s, device: META)))[0].shape);
    }

    public static Tensor multiply_(Tensor left, Tensor right) => left.mul_(right);

    public static Tensor multiply_(Tensor left, Scalar right) => left.mul_(right);

    public static Tensor divide_(Tensor left, Scalar right) => left.div_(right);

    public static Tensor negative_(Tensor input) => input.neg_();

    public static Tensor norm(Tensor input) => input.norm();

    public static Tensor trapz(Tensor y, Tensor x, long dim = -1) => y.trapezoid(x, dim);

    public static Tensor trapz(Tensor y, double dx = 1, long dim = -1) => y.trapezoid(dx, dim);

    public static Tensor movedim(Tensor input, long source, long destination) => input.movedim([source], [destination]);

    public static Tensor moveaxis(Tensor input, long source, long destination) => input.movedim([source], [destination]);

    public static bool is_nonzero(Tensor input) => input.is_nonzero();

    public static ScalarType result_type(Tensor tensor1, Tensor tensor2)
    {
        using var scope = NewDisposeScope();
        return tensor1.flatten()[(0, 0)].add(tensor2.flatten()[(0, 0)]).dtype;
    }

    public partial class Tensor
    {
        public (Tensor output, Tensor? inverse_indices, Tensor? counts) unique(
            bool sorted = true, bool return_inverse = false, bool return_counts = false, int? dim = null) =>
            torch.unique(this, sorted, return_inverse, return_counts, dim);
    }
}
