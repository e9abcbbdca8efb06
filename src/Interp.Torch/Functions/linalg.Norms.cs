using Interp.Native;

namespace TorchSharp;

public static partial class torch
{
    // Norms.
    public static partial class linalg
    {
        private static readonly Op s_norm = new("aten::linalg_norm");
        private static readonly Op s_normNamed = new("aten::linalg_norm", "ord_str");
        private static readonly Op s_vector_norm = new("aten::linalg_vector_norm");
        private static readonly Op s_matrix_norm = new("aten::linalg_matrix_norm");
        private static readonly Op s_matrix_normNamed = new("aten::linalg_matrix_norm", "str_ord");
        private static readonly Op s_vecdot = new("aten::linalg_vecdot");

        public static Tensor norm(Tensor input, string ord, long[]? dims = null, bool keepdim = false) =>
            s_normNamed.Call(input, ord, Arg.OptionalInts(dims), keepdim);

        public static Tensor norm(Tensor input, double ord, long[]? dims = null, bool keepdim = false) =>
            s_norm.Call(input, ord, Arg.OptionalInts(dims), keepdim);

        public static Tensor norm(Tensor input, int ord, long[]? dims = null, bool keepdim = false) =>
            s_norm.Call(input, (double)ord, Arg.OptionalInts(dims), keepdim);

        public static Tensor norm(Tensor input, long[]? dims = null, bool keepdim = false) =>
            s_norm.Call(input, Arg.None, Arg.OptionalInts(dims), keepdim);

        public static Tensor vector_norm(Tensor input, double ord = 2, long[]? dims = null, bool keepdim = false) =>
            s_vector_norm.Call(input, ord, Arg.OptionalInts(dims), keepdim);

        public static Tensor matrix_norm(Tensor input, string ord = "fro", long[]? dims = null, bool keepdim = false) =>
            s_matrix_normNamed.Call(input, ord, Arg.Ints(dims ?? [-2, -1]), keepdim);

        public static Tensor matrix_norm(Tensor input, double ord, long[]? dims = null, bool keepdim = false) =>
            s_matrix_norm.Call(input, ord, Arg.Ints(dims ?? [-2, -1]), keepdim);

        public static Tensor vecdot(Tensor x, Tensor y, long dim = -1, Tensor? @out = null)
        {
            var result = s_vecdot.Call(x, y, dim);
            if (@out is null) return result;
            using (result) return @out.copy_(result);
        }
    }
}
