using Interp.Native;

namespace TorchSharp;

public static partial class torch
{
    // Views, shapes and pieces.
    public partial class Tensor
    {
        private static readonly Op s_alias = new("aten::alias");
        public Tensor alias() => s_alias.Call(this);

        private static readonly Op s_as_strided = new("aten::as_strided");
        public Tensor as_strided(long[] size, long[] strides, long storageOffset = 0) =>
            s_as_strided.Call(this, Arg.Ints(size), Arg.Ints(strides), storageOffset);

        private static readonly Op s_atleast_1d = new("aten::atleast_1d");
        public Tensor atleast_1d() => s_atleast_1d.Call(this);

        private static readonly Op s_atleast_2d = new("aten::atleast_2d");
        public Tensor atleast_2d() => s_atleast_2d.Call(this);

        private static readonly Op s_atleast_3d = new("aten::atleast_3d");
        public Tensor atleast_3d() => s_atleast_3d.Call(this);

        private static readonly Op s_block_diag = new("aten::block_diag");
        public static Tensor block_diag(params Tensor[] tensors) => s_block_diag.Call(Arg.Tensors(tensors));

        private static readonly Op s_broadcast_to = new("aten::broadcast_to");
        public Tensor broadcast_to(params long[] shape) => s_broadcast_to.Call(this, Arg.Ints(shape));

        private static readonly Op s_channel_shuffle = new("aten::channel_shuffle");
        public Tensor channel_shuffle(long groups) => s_channel_shuffle.Call(this, groups);

        private static readonly Op s_chunk = new("aten::chunk");
        public Tensor[] chunk(long chunks, long dim = 0) => s_chunk.CallList(this, chunks, dim);

        private static readonly Op s_clone = new("aten::clone");
        public Tensor clone() => s_clone.Call(this);

        private static readonly Op s_contiguous = new("aten::contiguous");
        public Tensor contiguous() => s_contiguous.Call(this);

        private static readonly Op s_diag = new("aten::diag");
        public Tensor diag(long diagonal = 0) => s_diag.Call(this, diagonal);

        private static readonly Op s_diag_embed = new("aten::diag_embed");
        public Tensor diag_embed(long offset = 0, long dim1 = -2, long dim2 = -1) => s_diag_embed.Call(this, offset, dim1, dim2);

        private static readonly Op s_diagflat = new("aten::diagflat");
        public Tensor diagflat(long offset = 0) => s_diagflat.Call(this, offset);

        private static readonly Op s_diagonal = new("aten::diagonal");
        public Tensor diagonal(long offset = 0, long dim1 = 0, long dim2 = 1) => s_diagonal.Call(this, offset, dim1, dim2);

        private static readonly Op s_diagonal_scatter = new("aten::diagonal_scatter");
        public Tensor diagonal_scatter(Tensor src, long offset = 0, long dim1 = 0, long dim2 = 1) =>
            s_diagonal_scatter.Call(this, src, offset, dim1, dim2);

        private static readonly Op s_dsplit_int = new("aten::dsplit", "int");
        public Tensor[] dsplit(long size) => s_dsplit_int.CallList(this, size);

        private static readonly Op s_dsplit_array = new("aten::dsplit", "array");
        public Tensor[] dsplit(params long[] sizes) => s_dsplit_array.CallList(this, Arg.Ints(sizes));

        private static readonly Op s_expand = new("aten::expand");
        public Tensor expand(ReadOnlySpan<long> sizes, bool isImplicit = false) => s_expand.Call(this, Arg.Ints(sizes), isImplicit);

        public Tensor expand(Size sizes, bool isImplicit = false) => s_expand.Call(this, Arg.Ints(sizes.Shape), isImplicit);

        public Tensor expand(long[] sizes, bool isImplicit = false) => s_expand.Call(this, Arg.Ints(sizes), isImplicit);

        public Tensor expand(params long[] sizes) => s_expand.Call(this, Arg.Ints(sizes));

        private static readonly Op s_expand_as = new("aten::expand_as");
        public Tensor expand_as(Tensor other) => s_expand_as.Call(this, other);

        private static readonly Op s_flatten_using_ints = new("aten::flatten", "using_ints");
        public Tensor flatten(long start_dim = 0, long end_dim = -1) => s_flatten_using_ints.Call(this, start_dim, end_dim);

        private static readonly Op s_flip = new("aten::flip");
        public Tensor flip(params long[] dims) => s_flip.Call(this, Arg.Ints(dims));

        private static readonly Op s_fliplr = new("aten::fliplr");
        public Tensor fliplr() => s_fliplr.Call(this);

        private static readonly Op s_flipud = new("aten::flipud");
        public Tensor flipud() => s_flipud.Call(this);

        private static readonly Op s_hsplit_int = new("aten::hsplit", "int");
        public Tensor[] hsplit(long size) => s_hsplit_int.CallList(this, size);

        private static readonly Op s_hsplit_array = new("aten::hsplit", "array");
        public Tensor[] hsplit(params long[] sizes) => s_hsplit_array.CallList(this, Arg.Ints(sizes));

        private static readonly Op s_moveaxis_intlist = new("aten::moveaxis", "intlist");
        public Tensor moveaxis(long[] source, long[] destination) =>
            s_moveaxis_intlist.Call(this, Arg.Ints(source), Arg.Ints(destination));

        private static readonly Op s_movedim_intlist = new("aten::movedim", "intlist");
        public Tensor movedim(long[] source, long[] destination) =>
            s_movedim_intlist.Call(this, Arg.Ints(source), Arg.Ints(destination));

        private static readonly Op s_narrow = new("aten::narrow");
        public Tensor narrow(long dim, long start, long length) => s_narrow.Call(this, dim, start, length);

        private static readonly Op s_permute = new("aten::permute");
        public Tensor permute(params long[] permutation) => s_permute.Call(this, Arg.Ints(permutation));

        public Tensor permute(IEnumerable<long> permutation) => s_permute.Call(this, Arg.Ints([.. permutation]));

        private static readonly Op s_ravel = new("aten::ravel");
        public Tensor ravel() => s_ravel.Call(this);

        private static readonly Op s_repeat = new("aten::repeat");
        public Tensor repeat(params long[] sizes) => s_repeat.Call(this, Arg.Ints(sizes));

        private static readonly Op s_repeat_interleave_self_Tensor = new("aten::repeat_interleave", "self_Tensor");
        public Tensor repeat_interleave(Tensor repeats, long? dim = null, long? output_size = null) =>
            s_repeat_interleave_self_Tensor.Call(this, repeats, dim, output_size);

        private static readonly Op s_repeat_interleave_self_int = new("aten::repeat_interleave", "self_int");
        public Tensor repeat_interleave(long repeats, long? dim = null, long? output_size = null) =>
            s_repeat_interleave_self_int.Call(this, repeats, dim, output_size);

        private static readonly Op s_reshape = new("aten::reshape");
        public Tensor reshape(params long[] shape) => s_reshape.Call(this, Arg.Ints(shape));

        private static readonly Op s_roll = new("aten::roll");
        public Tensor roll(long shifts, long? dims = null) =>
            dims is { } d ? s_roll.Call(this, Arg.Ints([shifts]), Arg.Ints([d])) : s_roll.Call(this, Arg.Ints([shifts]));

        public Tensor roll((long, long) shifts, (long, long) dims) =>
            s_roll.Call(this, Arg.Ints([shifts.Item1, shifts.Item2]), Arg.Ints([dims.Item1, dims.Item2]));

        public Tensor roll(long[] shifts, long[] dims) => s_roll.Call(this, Arg.Ints(shifts), Arg.Ints(dims));

        public Tensor roll(long[] shifts) => s_roll.Call(this, Arg.Ints(shifts));

        public Tensor roll((long, long, long) shifts, (long, long, long) dims) =>
            s_roll.Call(this, Arg.Ints([shifts.Item1, shifts.Item2, shifts.Item3]), Arg.Ints([dims.Item1, dims.Item2, dims.Item3]));

        public Tensor roll(ReadOnlySpan<long> shifts, ReadOnlySpan<long> dims = default) =>
            s_roll.Call(this, Arg.Ints(shifts), Arg.Ints(dims));

        private static readonly Op s_rot90 = new("aten::rot90");
        public Tensor rot90(long k = 1, (long, long)? dims = null) =>
            s_rot90.Call(this, k, dims is { } d ? Arg.Ints([d.Item1, d.Item2]) : Arg.Ints([0, 1]));

        private static readonly Op s_select_int = new("aten::select", "int");
        public Tensor select(long dim, long index) => s_select_int.Call(this, dim, index);

        private static readonly Op s_select_scatter = new("aten::select_scatter");
        public Tensor select_scatter(Tensor src, long dim, long index) => s_select_scatter.Call(this, src, dim, index);

        private static readonly Op s_slice_Tensor = new("aten::slice", "Tensor");
        public Tensor slice(long dim, long start, long finish, long step) => s_slice_Tensor.Call(this, dim, start, finish, step);

        private static readonly Op s_slice_scatter = new("aten::slice_scatter");
        public Tensor slice_scatter(Tensor src, long dim = 0, long? start = null, long? end = null, long step = 1) =>
            s_slice_scatter.Call(this, src, dim, start, end, step);

        private static readonly Op s_split_Tensor = new("aten::split", "Tensor");
        public Tensor[] split(long size, int dim = 0) => s_split_Tensor.CallList(this, size, dim);

        private static readonly Op s_split_with_sizes = new("aten::split_with_sizes");
        public Tensor[] split(ReadOnlySpan<long> sizes, long dim = 0) => s_split_with_sizes.CallList(this, Arg.Ints(sizes), dim);

        public Tensor[] split(long[] sizes, long dim = 0) => s_split_with_sizes.CallList(this, Arg.Ints(sizes), dim);

        public Tensor[] split(params long[] sizes) => s_split_with_sizes.CallList(this, Arg.Ints(sizes), 0);

        private static readonly Op s_squeeze_dim = new("aten::squeeze", "dim");
        private static readonly Op s_squeeze = new("aten::squeeze");
        public Tensor squeeze(long? dim = null) => dim is { } d ? s_squeeze_dim.Call(this, d) : s_squeeze.Call(this);

        private static readonly Op s_squeeze__dim = new("aten::squeeze_", "dim");
        private static readonly Op s_squeeze_ = new("aten::squeeze_");
        public Tensor squeeze_(long? dim = null) =>
            dim is { } d ? s_squeeze__dim.InPlace(this, this, d) : s_squeeze_.InPlace(this, this);

        private static readonly Op s_swapaxes = new("aten::swapaxes");
        public Tensor swapaxes(long dim0, long dim1) => s_swapaxes.Call(this, dim0, dim1);

        private static readonly Op s_swapdims = new("aten::swapdims");
        public Tensor swapdims(long dim0, long dim1) => s_swapdims.Call(this, dim0, dim1);

        private static readonly Op s_t = new("aten::t");
        public Tensor t() => s_t.Call(this);

        private static readonly Op s_tensor_split_sections = new("aten::tensor_split", "sections");
        public Tensor[] tensor_split(long size, long dim = 0) => s_tensor_split_sections.CallList(this, size, dim);

        private static readonly Op s_tensor_split_indices = new("aten::tensor_split", "indices");
        public Tensor[] tensor_split(long[] sizes, long dim = 0) => s_tensor_split_indices.CallList(this, Arg.Ints(sizes), dim);

        private static readonly Op s_tensor_split_tensor_indices_or_sections = new("aten::tensor_split", "tensor_indices_or_sections");
        public Tensor[] tensor_split(Tensor indices, long dim = 0) =>
            s_tensor_split_tensor_indices_or_sections.CallList(this, indices, dim);

        private static readonly Op s_tile = new("aten::tile");
        public Tensor tile(long[] reps) => s_tile.Call(this, Arg.Ints(reps));

        private static readonly Op s_transpose_int = new("aten::transpose", "int");
        public Tensor transpose(long dim0, long dim1) => s_transpose_int.Call(this, dim0, dim1);

        private static readonly Op s_transpose_ = new("aten::transpose_");
        public Tensor transpose_(long dim0, long dim1) => s_transpose_.InPlace(this, this, dim0, dim1);

        private static readonly Op s_tril = new("aten::tril");
        public Tensor tril(long diagonal = 0) => s_tril.Call(this, diagonal);

        private static readonly Op s_tril_ = new("aten::tril_");
        public Tensor tril_(long diagonal = 0) => s_tril_.InPlace(this, this, diagonal);

        private static readonly Op s_triu = new("aten::triu");
        public Tensor triu(long diagonal = 0) => s_triu.Call(this, diagonal);

        private static readonly Op s_triu_ = new("aten::triu_");
        public Tensor triu_(long diagonal = 0) => s_triu_.InPlace(this, this, diagonal);

        private static readonly Op s_unbind_int = new("aten::unbind", "int");
        public Tensor[] unbind(long dimension = 0) => s_unbind_int.CallList(this, dimension);

        private static readonly Op s_unflatten_int = new("aten::unflatten", "int");
        public Tensor unflatten(long dim, params long[] sizes) => s_unflatten_int.Call(this, dim, Arg.Ints(sizes));

        public Tensor unflatten(long dim, Size sizes) => s_unflatten_int.Call(this, dim, Arg.Ints(sizes.Shape));

        private static readonly Op s_unfold = new("aten::unfold");
        public Tensor unfold(long dimension, long size, long step) => s_unfold.Call(this, dimension, size, step);

        private static readonly Op s_unsqueeze = new("aten::unsqueeze");
        public Tensor unsqueeze(long dim) => s_unsqueeze.Call(this, dim);

        private static readonly Op s_unsqueeze_ = new("aten::unsqueeze_");
        public Tensor unsqueeze_(long dim) => s_unsqueeze_.InPlace(this, this, dim);

        private static readonly Op s_vander = new("aten::vander");
        public Tensor vander(long N = -1, bool increasing = false) => s_vander.Call(this, N, increasing);

        private static readonly Op s_view = new("aten::view");
        public Tensor view(params long[] shape) => s_view.Call(this, Arg.Ints(shape));

        private static readonly Op s_view_as = new("aten::view_as");
        public Tensor view_as(Tensor other) => s_view_as.Call(this, other);

        private static readonly Op s_view_as_complex = new("aten::view_as_complex");
        public Tensor view_as_complex() => s_view_as_complex.Call(this);

        private static readonly Op s_view_as_real = new("aten::view_as_real");
        public Tensor view_as_real() => s_view_as_real.Call(this);

        private static readonly Op s_vsplit_int = new("aten::vsplit", "int");
        public Tensor[] vsplit(long size) => s_vsplit_int.CallList(this, size);

        private static readonly Op s_vsplit_array = new("aten::vsplit", "array");
        public Tensor[] vsplit(params long[] sizes) => s_vsplit_array.CallList(this, Arg.Ints(sizes));
    }
}
