using Interp.Native;

namespace TorchSharp;

public static partial class torch
{
    // Reductions, cumulations, sorting and counting.
    public partial class Tensor
    {
        private static readonly Op s_all = new("aten::all");
        public Tensor all() => s_all.Call(this);

        private static readonly Op s_all_dim = new("aten::all", "dim");
        public Tensor all(long dim, bool keepdim = false) => s_all_dim.Call(this, dim, keepdim);

        private static readonly Op s_amax = new("aten::amax");
        private static readonly Op s_amax_out = new("aten::amax", "out");
        public Tensor amax(long[] dims, bool keepdim = false, Tensor? @out = null) =>
            @out is null ? s_amax.Call(this, Arg.Ints(dims), keepdim) : s_amax_out.InPlace(@out, this, Arg.Ints(dims), keepdim, @out);

        public Tensor amax(params long[] dims) => s_amax.Call(this, Arg.Ints(dims));

        public Tensor amax(ReadOnlySpan<long> dims, bool keepdim = false, Tensor? @out = null) =>
            @out is null ? s_amax.Call(this, Arg.Ints(dims), keepdim) : s_amax_out.InPlace(@out, this, Arg.Ints(dims), keepdim, @out);

        private static readonly Op s_amin = new("aten::amin");
        private static readonly Op s_amin_out = new("aten::amin", "out");
        public Tensor amin(ReadOnlySpan<long> dims, bool keepdim = false, Tensor? @out = null) =>
            @out is null ? s_amin.Call(this, Arg.Ints(dims), keepdim) : s_amin_out.InPlace(@out, this, Arg.Ints(dims), keepdim, @out);

        public Tensor amin(long[] dims, bool keepdim = false, Tensor? @out = null) =>
            @out is null ? s_amin.Call(this, Arg.Ints(dims), keepdim) : s_amin_out.InPlace(@out, this, Arg.Ints(dims), keepdim, @out);

        public Tensor amin(params long[] dims) => s_amin.Call(this, Arg.Ints(dims));

        private static readonly Op s_aminmax = new("aten::aminmax");
        public (Tensor min, Tensor max) aminmax(long? dim = null, bool keepdim = false) => s_aminmax.Call2(this, dim, keepdim);

        private static readonly Op s_any = new("aten::any");
        public Tensor any() => s_any.Call(this);

        private static readonly Op s_any_dim = new("aten::any", "dim");
        public Tensor any(long dim, bool keepdim = false) => s_any_dim.Call(this, dim, keepdim);

        private static readonly Op s_argmax = new("aten::argmax");
        public Tensor argmax() => s_argmax.Call(this);

        public Tensor argmax(long dim, bool keepdim = false) => s_argmax.Call(this, dim, keepdim);

        private static readonly Op s_argmin = new("aten::argmin");
        public Tensor argmin() => s_argmin.Call(this);

        public Tensor argmin(long dim, bool keepdim = false) => s_argmin.Call(this, dim, keepdim);

        private static readonly Op s_argsort = new("aten::argsort");
        public Tensor argsort(long dim = -1, bool descending = false) => s_argsort.Call(this, dim, descending);

        private static readonly Op s_bincount = new("aten::bincount");
        public Tensor bincount(Tensor? weights, long minlength = 0) => s_bincount.Call(this, weights, minlength);

        private static readonly Op s_bucketize_Tensor = new("aten::bucketize", "Tensor");
        public Tensor bucketize(Tensor boundaries, bool outInt32 = false, bool right = false) =>
            s_bucketize_Tensor.Call(this, boundaries, outInt32, right);

        private static readonly Op s_corrcoef = new("aten::corrcoef");
        public Tensor corrcoef() => s_corrcoef.Call(this);

        private static readonly Op s_count_nonzero = new("aten::count_nonzero");
        private static readonly Op s_count_nonzero_dim_IntList = new("aten::count_nonzero", "dim_IntList");
        public Tensor count_nonzero(long[]? dims = null) =>
            dims is null ? s_count_nonzero.Call(this) : s_count_nonzero_dim_IntList.Call(this, Arg.Ints(dims));

        private static readonly Op s_cov = new("aten::cov");
        public Tensor cov(long correction = 1, Tensor? fweights = null, Tensor? aweights = null) =>
            s_cov.Call(this, correction, fweights, aweights);

        private static readonly Op s_cummax = new("aten::cummax");
        public (Tensor values, Tensor indexes) cummax(long dim) => s_cummax.Call2(this, dim);

        private static readonly Op s_cummin = new("aten::cummin");
        public (Tensor values, Tensor indexes) cummin(long dim) => s_cummin.Call2(this, dim);

        private static readonly Op s_cumprod = new("aten::cumprod");
        public Tensor cumprod(long dim, ScalarType? type = null) => s_cumprod.Call(this, dim, type);

        private static readonly Op s_cumsum = new("aten::cumsum");
        public Tensor cumsum(long dim, ScalarType? type = null) => s_cumsum.Call(this, dim, type);

        private static readonly Op s_cumulative_trapezoid_dx = new("aten::cumulative_trapezoid", "dx");
        public Tensor cumulative_trapezoid(double dx = 1, long dim = -1) => s_cumulative_trapezoid_dx.Call(this, dx, dim);

        private static readonly Op s_cumulative_trapezoid_x = new("aten::cumulative_trapezoid", "x");
        public Tensor cumulative_trapezoid(Tensor x, long dim = -1) => s_cumulative_trapezoid_x.Call(this, x, dim);

        private static readonly Op s_diff = new("aten::diff");
        public Tensor diff(long n = 1, long dim = -1, Tensor? prepend = null, Tensor? append = null) =>
            s_diff.Call(this, n, dim, prepend, append);

        private static readonly Op s_dist = new("aten::dist");
        public Tensor dist(Tensor other, float p = 2) => s_dist.Call(this, other, p);

        private static readonly Op s_histc = new("aten::histc");
        public Tensor histc(long bins = 100, long min = 0, long max = 0) => s_histc.Call(this, bins, min, max);

        private static readonly Op s_kthvalue = new("aten::kthvalue");
        public (Tensor values, Tensor indices) kthvalue(long k, long? dim, bool keepdim = false) =>
            s_kthvalue.Call2(this, k, dim ?? -1, keepdim);

        private static readonly Op s_logcumsumexp = new("aten::logcumsumexp");
        public Tensor logcumsumexp(long dim) => s_logcumsumexp.Call(this, dim);

        private static readonly Op s_logsumexp = new("aten::logsumexp");
        public Tensor logsumexp(long dim, bool keepdim = false) => s_logsumexp.Call(this, Arg.Ints([dim]), keepdim);

        private static readonly Op s_max = new("aten::max");
        public Tensor max() => s_max.Call(this);

        private static readonly Op s_max_other = new("aten::max", "other");
        public Tensor max(Tensor other) => s_max_other.Call(this, other);

        private static readonly Op s_max_dim = new("aten::max", "dim");
        public (Tensor values, Tensor indexes) max(long dim, bool keepdim = false) => s_max_dim.Call2(this, dim, keepdim);

        private static readonly Op s_mean = new("aten::mean");
        public Tensor mean() => s_mean.Call(this);

        private static readonly Op s_mean_dim = new("aten::mean", "dim");
        public Tensor mean(long[] dimensions, bool keepdim = false, ScalarType? type = null) =>
            s_mean_dim.Call(this, Arg.Ints(dimensions), keepdim, type);

        private static readonly Op s_median = new("aten::median");
        public Tensor median() => s_median.Call(this);

        private static readonly Op s_min = new("aten::min");
        public Tensor min() => s_min.Call(this);

        private static readonly Op s_min_other = new("aten::min", "other");
        public Tensor min(Tensor other) => s_min_other.Call(this, other);

        private static readonly Op s_min_dim = new("aten::min", "dim");
        public (Tensor values, Tensor indexes) min(long dim, bool keepdim = false) => s_min_dim.Call2(this, dim, keepdim);

        private static readonly Op s_mode = new("aten::mode");
        public (Tensor values, Tensor indices) mode(long dim = -1, bool keepdim = false) => s_mode.Call2(this, dim, keepdim);

        private static readonly Op s_msort = new("aten::msort");
        public Tensor msort() => s_msort.Call(this);

        private static readonly Op s_nanmean = new("aten::nanmean");
        public Tensor nanmean(int? dim = null, bool keepdim = false, ScalarType? dtype = null) =>
            s_nanmean.Call(this, dim is { } d ? Arg.Ints([d]) : Arg.None, keepdim, dtype);

        private static readonly Op s_nanmedian = new("aten::nanmedian");
        public Tensor nanmedian() => s_nanmedian.Call(this);

        private static readonly Op s_nanquantile = new("aten::nanquantile");
        public Tensor nanquantile(Tensor q, long dim = -1, bool keepdim = false) => s_nanquantile.Call(this, q, dim, keepdim);

        private static readonly Op s_nansum = new("aten::nansum");
        public Tensor nansum() => s_nansum.Call(this);

        private static readonly Op s_norm_Scalar = new("aten::norm", "Scalar");
        public Tensor norm(float p = 2) => s_norm_Scalar.Call(this, p);

        private static readonly Op s_norm_ScalarOpt_dim = new("aten::norm", "ScalarOpt_dim");
        public Tensor norm(int dim, bool keepdim = false, float p = 2) => s_norm_ScalarOpt_dim.Call(this, p, Arg.Ints([dim]), keepdim);

        private static readonly Op s_prod = new("aten::prod");
        public Tensor prod(ScalarType? type = null) => s_prod.Call(this, type);

        private static readonly Op s_prod_dim_int = new("aten::prod", "dim_int");
        public Tensor prod(long dim, bool keepdim = false, ScalarType? type = null) => s_prod_dim_int.Call(this, dim, keepdim, type);

        private static readonly Op s_quantile = new("aten::quantile");
        public Tensor quantile(Tensor q, long dim = -1, bool keepdim = false) => s_quantile.Call(this, q, dim, keepdim);

        private static readonly Op s_renorm = new("aten::renorm");
        public Tensor renorm(float p, long dim, float maxnorm) => s_renorm.Call(this, p, dim, maxnorm);

        private static readonly Op s_sort_stable = new("aten::sort", "stable");
        public (Tensor Values, Tensor Indices) sort(long dim = -1, bool descending = false, bool stable = false) =>
            s_sort_stable.Call2(this, stable, dim, descending);

        private static readonly Op s_std = new("aten::std");
        public Tensor std(bool unbiased = true) => s_std.Call(this, unbiased);

        private static readonly Op s_std_dim = new("aten::std", "dim");
        public Tensor std(ReadOnlySpan<long> dimensions, bool unbiased = true, bool keepdim = false, ScalarType? type = null) =>
            As(type, s_std_dim.Call(this, Arg.Ints(dimensions), unbiased, keepdim));

        public Tensor std(long[] dimensions, bool unbiased = true, bool keepdim = false, ScalarType? type = null) =>
            As(type, s_std_dim.Call(this, Arg.Ints(dimensions), unbiased, keepdim));

        public Tensor std(long dim, bool unbiased = true, bool keepdim = false, ScalarType? type = null) =>
            As(type, s_std_dim.Call(this, Arg.Ints([dim]), unbiased, keepdim));

        public Tensor std((long, long) dim, bool unbiased = true, bool keepdim = false, ScalarType? type = null) =>
            As(type, s_std_dim.Call(this, Arg.Ints([dim.Item1, dim.Item2]), unbiased, keepdim));

        public Tensor std((long, long, long) dim, bool unbiased = true, bool keepdim = false, ScalarType? type = null) =>
            As(type, s_std_dim.Call(this, Arg.Ints([dim.Item1, dim.Item2, dim.Item3]), unbiased, keepdim));

        private static readonly Op s_std_mean = new("aten::std_mean");
        public (Tensor std, Tensor mean) std_mean(bool unbiased = true) => s_std_mean.Call2(this, unbiased);

        private static readonly Op s_std_mean_dim = new("aten::std_mean", "dim");
        public (Tensor std, Tensor mean) std_mean(long[] dimensions, bool unbiased = true, bool keepdim = false, ScalarType? type = null) =>
            As(type, s_std_mean_dim.Call2(this, Arg.Ints(dimensions), unbiased, keepdim));

        public (Tensor std, Tensor mean) std_mean(ReadOnlySpan<long> dimensions, bool unbiased = true, bool keepdim = false, ScalarType? type = null) =>
            As(type, s_std_mean_dim.Call2(this, Arg.Ints(dimensions), unbiased, keepdim));

        public (Tensor std, Tensor mean) std_mean(long dim, bool unbiased = true, bool keepdim = false, ScalarType? type = null) =>
            As(type, s_std_mean_dim.Call2(this, Arg.Ints([dim]), unbiased, keepdim));

        public (Tensor std, Tensor mean) std_mean((long, long) dim, bool unbiased = true, bool keepdim = false, ScalarType? type = null) =>
            As(type, s_std_mean_dim.Call2(this, Arg.Ints([dim.Item1, dim.Item2]), unbiased, keepdim));

        public (Tensor std, Tensor mean) std_mean((long, long, long) dim, bool unbiased = true, bool keepdim = false, ScalarType? type = null) =>
            As(type, s_std_mean_dim.Call2(this, Arg.Ints([dim.Item1, dim.Item2, dim.Item3]), unbiased, keepdim));

        private static readonly Op s_sum = new("aten::sum");
        public Tensor sum(ScalarType? type = null) => s_sum.Call(this, type);

        private static readonly Op s_sum_dim_IntList = new("aten::sum", "dim_IntList");
        public Tensor sum(long[] dim, bool keepdim = false, ScalarType? type = null) =>
            s_sum_dim_IntList.Call(this, Arg.Ints(dim), keepdim, type);

        public Tensor sum(ReadOnlySpan<long> dim, bool keepdim = false, ScalarType? type = null) =>
            s_sum_dim_IntList.Call(this, Arg.Ints(dim), keepdim, type);

        public Tensor sum(long dim, bool keepdim = false, ScalarType? type = null) =>
            s_sum_dim_IntList.Call(this, Arg.Ints([dim]), keepdim, type);

        public Tensor sum(long dim0, long dim1, bool keepdim = false, ScalarType? type = null) =>
            s_sum_dim_IntList.Call(this, Arg.Ints([dim0, dim1]), keepdim, type);

        public Tensor sum(long dim0, long dim1, long dim2, bool keepdim = false, ScalarType? type = null) =>
            s_sum_dim_IntList.Call(this, Arg.Ints([dim0, dim1, dim2]), keepdim, type);

        private static readonly Op s_topk = new("aten::topk");
        public (Tensor values, Tensor indexes) topk(int k, int dim = -1, bool largest = true, bool sorted = true) =>
            s_topk.Call2(this, k, dim, largest, sorted);

        private static readonly Op s_trapezoid_dx = new("aten::trapezoid", "dx");
        public Tensor trapezoid(double dx = 1, long dim = -1) => s_trapezoid_dx.Call(this, dx, dim);

        private static readonly Op s_trapezoid_x = new("aten::trapezoid", "x");
        public Tensor trapezoid(Tensor x, long dim = -1) => s_trapezoid_x.Call(this, x, dim);

        private static readonly Op s_unique_consecutive = new("aten::unique_consecutive");
        public (Tensor output, Tensor? inverse_indices, Tensor? counts) unique_consecutive(bool return_inverse = false, bool return_counts = false, int? dim = null) =>
            s_unique_consecutive.Call3(this, return_inverse, return_counts, dim);

        private static readonly Op s_var = new("aten::var");
        public Tensor var(bool unbiased = true) => s_var.Call(this, unbiased);

        private static readonly Op s_var_dim = new("aten::var", "dim");
        public Tensor var(ReadOnlySpan<long> dimensions, bool unbiased = true, bool keepdim = false, ScalarType? type = null) =>
            As(type, s_var_dim.Call(this, Arg.Ints(dimensions), unbiased, keepdim));

        public Tensor var(long[] dimensions, bool unbiased = true, bool keepdim = false, ScalarType? type = null) =>
            As(type, s_var_dim.Call(this, Arg.Ints(dimensions), unbiased, keepdim));

        public Tensor var(long dim, bool unbiased = true, bool keepdim = false, ScalarType? type = null) =>
            As(type, s_var_dim.Call(this, Arg.Ints([dim]), unbiased, keepdim));

        public Tensor var((long, long) dim, bool unbiased = true, bool keepdim = false, ScalarType? type = null) =>
            As(type, s_var_dim.Call(this, Arg.Ints([dim.Item1, dim.Item2]), unbiased, keepdim));

        public Tensor var((long, long, long) dim, bool unbiased = true, bool keepdim = false, ScalarType? type = null) =>
            As(type, s_var_dim.Call(this, Arg.Ints([dim.Item1, dim.Item2, dim.Item3]), unbiased, keepdim));

        private static readonly Op s_var_mean = new("aten::var_mean");
        public (Tensor var, Tensor mean) var_mean(bool unbiased = true) => s_var_mean.Call2(this, unbiased);

        private static readonly Op s_var_mean_dim = new("aten::var_mean", "dim");
        public (Tensor std, Tensor mean) var_mean(long[] dimensions, bool unbiased = true, bool keepdim = false, ScalarType? type = null) =>
            As(type, s_var_mean_dim.Call2(this, Arg.Ints(dimensions), unbiased, keepdim));

        public (Tensor std, Tensor mean) var_mean(ReadOnlySpan<long> dimensions, bool unbiased = true, bool keepdim = false, ScalarType? type = null) =>
            As(type, s_var_mean_dim.Call2(this, Arg.Ints(dimensions), unbiased, keepdim));

        public (Tensor var, Tensor mean) var_mean(long dim, bool unbiased = true, bool keepdim = false, ScalarType? type = null) =>
            As(type, s_var_mean_dim.Call2(this, Arg.Ints([dim]), unbiased, keepdim));

        public (Tensor var, Tensor mean) var_mean((long, long) dim, bool unbiased = true, bool keepdim = false, ScalarType? type = null) =>
            As(type, s_var_mean_dim.Call2(this, Arg.Ints([dim.Item1, dim.Item2]), unbiased, keepdim));

        public (Tensor var, Tensor mean) var_mean((long, long, long) dim, bool unbiased = true, bool keepdim = false, ScalarType? type = null) =>
            As(type, s_var_mean_dim.Call2(this, Arg.Ints([dim.Item1, dim.Item2, dim.Item3]), unbiased, keepdim));
    }
}
