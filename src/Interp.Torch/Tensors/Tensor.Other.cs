using Interp.Native;

namespace TorchSharp;

public static partial class torch
{
    // The rest.
    public partial class Tensor
    {
        public bool Equals(Tensor target) => shape.AsSpan().SequenceEqual(target.shape) && s_equal.Truth(this, target);

        private static readonly Op s_istft = new("aten::istft");
        public Tensor istft(long n_fft, long hop_length = -1, long win_length = -1, Tensor? window = null, bool center = true, bool normalized = false, bool? onesided = null, long length = -1, bool return_complex = false) =>
            s_istft.Call(this, n_fft, hop_length, win_length, window, center, normalized, onesided, length, return_complex);

        private static readonly Op s_nonzero_numpy = new("aten::nonzero_numpy");
        public IList<Tensor> nonzero_as_list() => s_nonzero_numpy.CallList(this);

        public Tensor with_requires_grad(bool requires_grad = true) => requires_grad_(requires_grad);
    }
}
