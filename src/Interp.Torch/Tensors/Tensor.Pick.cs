using Interp.Native;

namespace TorchSharp;

public static partial class torch
{
    // Gathering and scattering.
    public partial class Tensor
    {
        private static readonly Op s_argwhere = new("aten::argwhere");
        public Tensor argwhere() => s_argwhere.Call(this);

        private static readonly Op s_copy_ = new("aten::copy_");
        public Tensor copy_(Tensor source, bool nonBlocking = false) => s_copy_.InPlace(this, this, source, nonBlocking);

        private static readonly Op s_fill__Scalar = new("aten::fill_", "Scalar");
        public Tensor fill_(Scalar value) => s_fill__Scalar.InPlace(this, this, value);

        private static readonly Op s_gather = new("aten::gather");
        public Tensor gather(long dim, Tensor index) => s_gather.Call(this, dim, index);

        private static readonly Op s_index_add = new("aten::index_add");
        public Tensor index_add(long dim, Tensor index, Tensor source, Scalar alpha) =>
            s_index_add.Call(this, dim, index, source, alpha);

        private static readonly Op s_index_add_ = new("aten::index_add_");
        public Tensor index_add_(long dim, Tensor index, Tensor source, Scalar alpha) =>
            s_index_add_.InPlace(this, this, dim, index, source, alpha);

        private static readonly Op s_index_copy = new("aten::index_copy");
        public Tensor index_copy(long dim, Tensor index, Tensor source) => s_index_copy.Call(this, dim, index, source);

        private static readonly Op s_index_copy_ = new("aten::index_copy_");
        public Tensor index_copy_(long dim, Tensor index, Tensor source) => s_index_copy_.InPlace(this, this, dim, index, source);

        private static readonly Op s_index_fill_int_Scalar = new("aten::index_fill", "int_Scalar");
        public Tensor index_fill(long dim, Tensor index, Scalar value) => s_index_fill_int_Scalar.Call(this, dim, index, value);

        private static readonly Op s_index_fill__int_Scalar = new("aten::index_fill_", "int_Scalar");
        public Tensor index_fill_(long dim, Tensor index, Scalar value) =>
            s_index_fill__int_Scalar.InPlace(this, this, dim, index, value);

        private static readonly Op s_index_select = new("aten::index_select");
        public Tensor index_select(long dim, Tensor index) => s_index_select.Call(this, dim, index);

        private static readonly Op s_masked_fill_Scalar = new("aten::masked_fill", "Scalar");
        public Tensor masked_fill(Tensor mask, Scalar value) => s_masked_fill_Scalar.Call(this, mask, value);

        private static readonly Op s_masked_fill__Scalar = new("aten::masked_fill_", "Scalar");
        public Tensor masked_fill_(Tensor mask, Scalar value) => s_masked_fill__Scalar.InPlace(this, this, mask, value);

        private static readonly Op s_masked_scatter = new("aten::masked_scatter");
        public Tensor masked_scatter(Tensor mask, Tensor value) => s_masked_scatter.Call(this, mask, value);

        private static readonly Op s_masked_scatter_ = new("aten::masked_scatter_");
        public Tensor masked_scatter_(Tensor mask, Tensor value) => s_masked_scatter_.InPlace(this, this, mask, value);

        private static readonly Op s_masked_select = new("aten::masked_select");
        public Tensor masked_select(Tensor mask) => s_masked_select.Call(this, mask);

        private static readonly Op s_nonzero = new("aten::nonzero");
        public Tensor nonzero() => s_nonzero.Call(this);

        private static readonly Op s_scatter_src = new("aten::scatter", "src");
        public Tensor scatter(long dim, Tensor index, Tensor src) => s_scatter_src.Call(this, dim, index, src);

        private static readonly Op s_scatter__src = new("aten::scatter_", "src");
        public Tensor scatter_(long dim, Tensor index, Tensor src) => s_scatter__src.InPlace(this, this, dim, index, src);

        private static readonly Op s_scatter_add = new("aten::scatter_add");
        public Tensor scatter_add(long dim, Tensor index, Tensor src) => s_scatter_add.Call(this, dim, index, src);

        private static readonly Op s_scatter_add_ = new("aten::scatter_add_");
        public Tensor scatter_add_(long dim, Tensor index, Tensor src) => s_scatter_add_.InPlace(this, this, dim, index, src);

        private static readonly Op s_take = new("aten::take");
        public Tensor take(Tensor index) => s_take.Call(this, index);

        private static readonly Op s_take_along_dim = new("aten::take_along_dim");
        public Tensor take_along_dim(Tensor indices) => s_take_along_dim.Call(this, indices);

        public Tensor take_along_dim(IEnumerable<long> indices) => take_along_dim(torch.tensor([.. indices]));

        public Tensor take_along_dim(Tensor indices, long dim) => s_take_along_dim.Call(this, indices, dim);

        public Tensor take_along_dim(IEnumerable<long> indices, long dim) => take_along_dim(torch.tensor([.. indices]), dim);

        public Tensor where(Tensor condition, Tensor y) => torch.where(condition, this, y);

        private static readonly Op s_zero_ = new("aten::zero_");
        public Tensor zero_() => s_zero_.InPlace(this, this);
    }
}
