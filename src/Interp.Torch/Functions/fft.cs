using Interp.Native;

namespace TorchSharp;

public static partial class torch
{
    /// <summary>Fourier transforms.</summary>
    public static class fft
    {
        private static readonly Op s_fft2 = new("aten::fft_fft2");
        private static readonly Op s_fft_ = new("aten::fft_fft");
        private static readonly Op s_fftfreq = new("aten::fft_fftfreq");
        private static readonly Op s_fftn = new("aten::fft_fftn");
        private static readonly Op s_fftshift = new("aten::fft_fftshift");
        private static readonly Op s_hfft = new("aten::fft_hfft");
        private static readonly Op s_hfft2 = new("aten::fft_hfft2");
        private static readonly Op s_hfftn = new("aten::fft_hfftn");
        private static readonly Op s_ifft = new("aten::fft_ifft");
        private static readonly Op s_ifft2 = new("aten::fft_ifft2");
        private static readonly Op s_ifftn = new("aten::fft_ifftn");
        private static readonly Op s_ifftshift = new("aten::fft_ifftshift");
        private static readonly Op s_ihfft = new("aten::fft_ihfft");
        private static readonly Op s_ihfft2 = new("aten::fft_ihfft2");
        private static readonly Op s_ihfftn = new("aten::fft_ihfftn");
        private static readonly Op s_irfft = new("aten::fft_irfft");
        private static readonly Op s_irfft2 = new("aten::fft_irfft2");
        private static readonly Op s_irfftn = new("aten::fft_irfftn");
        private static readonly Op s_rfft = new("aten::fft_rfft");
        private static readonly Op s_rfft2 = new("aten::fft_rfft2");
        private static readonly Op s_rfftfreq = new("aten::fft_rfftfreq");
        private static readonly Op s_rfftn = new("aten::fft_rfftn");

        public static Tensor fft2(Tensor input, long[]? s = null, long[]? dim = null, FFTNormType norm = FFTNormType.Backward) =>
            s_fft2.Call(input, Arg.OptionalInts(s), dim is null ? Arg.Default : Arg.Ints(dim), Norm(norm));

        public static Tensor fft_(Tensor input, long n = -1, long dim = -1, FFTNormType norm = FFTNormType.Backward) =>
            s_fft_.Call(input, n < 0 ? Arg.None : n, dim, Norm(norm));

        public static Tensor fftfreq(long n, double d = 1, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
            Finish(s_fftfreq.Call(n, d, dtype ?? s_defaultDtype, Arg.None, device ?? s_defaultDevice, Arg.None), requires_grad, null);

        public static Tensor fftn(Tensor input, long[]? s = null, long[]? dim = null, FFTNormType norm = FFTNormType.Backward) =>
            s_fftn.Call(input, Arg.OptionalInts(s), dim is null ? Arg.Default : Arg.Ints(dim), Norm(norm));

        public static Tensor fftshift(Tensor input, long[]? dim = null) =>
            s_fftshift.Call(input, Arg.OptionalInts(dim));

        public static Tensor hfft(Tensor input, long n = -1, long dim = -1, FFTNormType norm = FFTNormType.Backward) =>
            s_hfft.Call(input, n < 0 ? Arg.None : n, dim, Norm(norm));

        public static Tensor hfft2(Tensor input, long[]? s = null, long[]? dim = null, FFTNormType norm = FFTNormType.Backward) =>
            s_hfft2.Call(input, Arg.OptionalInts(s), dim is null ? Arg.Default : Arg.Ints(dim), Norm(norm));

        public static Tensor hfftn(Tensor input, long[]? s = null, long[]? dim = null, FFTNormType norm = FFTNormType.Backward) =>
            s_hfftn.Call(input, Arg.OptionalInts(s), dim is null ? Arg.Default : Arg.Ints(dim), Norm(norm));

        public static Tensor ifft(Tensor input, long n = -1, long dim = -1, FFTNormType norm = FFTNormType.Backward) =>
            s_ifft.Call(input, n < 0 ? Arg.None : n, dim, Norm(norm));

        public static Tensor ifft2(Tensor input, long[]? s = null, long[]? dim = null, FFTNormType norm = FFTNormType.Backward) =>
            s_ifft2.Call(input, Arg.OptionalInts(s), dim is null ? Arg.Default : Arg.Ints(dim), Norm(norm));

        public static Tensor ifftn(Tensor input, long[]? s = null, long[]? dim = null, FFTNormType norm = FFTNormType.Backward) =>
            s_ifftn.Call(input, Arg.OptionalInts(s), dim is null ? Arg.Default : Arg.Ints(dim), Norm(norm));

        public static Tensor ifftshift(Tensor input, long[]? dim = null) =>
            s_ifftshift.Call(input, Arg.OptionalInts(dim));

        public static Tensor ihfft(Tensor input, long n = -1, long dim = -1, FFTNormType norm = FFTNormType.Backward) =>
            s_ihfft.Call(input, n < 0 ? Arg.None : n, dim, Norm(norm));

        public static Tensor ihfft2(Tensor input, long[]? s = null, long[]? dim = null, FFTNormType norm = FFTNormType.Backward) =>
            s_ihfft2.Call(input, Arg.OptionalInts(s), dim is null ? Arg.Default : Arg.Ints(dim), Norm(norm));

        public static Tensor ihfftn(Tensor input, long[]? s = null, long[]? dim = null, FFTNormType norm = FFTNormType.Backward) =>
            s_ihfftn.Call(input, Arg.OptionalInts(s), dim is null ? Arg.Default : Arg.Ints(dim), Norm(norm));

        public static Tensor irfft(Tensor input, long n = -1, long dim = -1, FFTNormType norm = FFTNormType.Backward) =>
            s_irfft.Call(input, n < 0 ? Arg.None : n, dim, Norm(norm));

        public static Tensor irfft2(Tensor input, long[]? s = null, long[]? dim = null, FFTNormType norm = FFTNormType.Backward) =>
            s_irfft2.Call(input, Arg.OptionalInts(s), dim is null ? Arg.Default : Arg.Ints(dim), Norm(norm));

        public static Tensor irfftn(Tensor input, long[]? s = null, long[]? dim = null, FFTNormType norm = FFTNormType.Backward) =>
            s_irfftn.Call(input, Arg.OptionalInts(s), dim is null ? Arg.Default : Arg.Ints(dim), Norm(norm));

        public static Tensor rfft(Tensor input, long n = -1, long dim = -1, FFTNormType norm = FFTNormType.Backward) =>
            s_rfft.Call(input, n < 0 ? Arg.None : n, dim, Norm(norm));

        public static Tensor rfft2(Tensor input, long[]? s = null, long[]? dim = null, FFTNormType norm = FFTNormType.Backward) =>
            s_rfft2.Call(input, Arg.OptionalInts(s), dim is null ? Arg.Default : Arg.Ints(dim), Norm(norm));

        public static Tensor rfftfreq(long n, double d = 1, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
            Finish(s_rfftfreq.Call(n, d, dtype ?? s_defaultDtype, Arg.None, device ?? s_defaultDevice, Arg.None), requires_grad, null);

        public static Tensor rfftn(Tensor input, long[]? s = null, long[]? dim = null, FFTNormType norm = FFTNormType.Backward) =>
            s_rfftn.Call(input, Arg.OptionalInts(s), dim is null ? Arg.Default : Arg.Ints(dim), Norm(norm));

        private static string Norm(FFTNormType norm) => norm.ToString().ToLowerInvariant();
    }
}
