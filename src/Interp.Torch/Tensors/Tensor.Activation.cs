using Interp.Native;

namespace TorchSharp;

public static partial class torch
{
    // Activations.
    public partial class Tensor
    {
        private static readonly Op s_celu = new("aten::celu");
        public Tensor celu() => s_celu.Call(this);

        public Tensor celu(Scalar alpha) => s_celu.Call(this, alpha);

        private static readonly Op s_celu_ = new("aten::celu_");
        public Tensor celu_() => s_celu_.InPlace(this, this);

        public Tensor celu_(Scalar alpha) => s_celu_.InPlace(this, this, alpha);

        private static readonly Op s_elu = new("aten::elu");
        public Tensor elu(double alpha = 1) => s_elu.Call(this, alpha);

        public Tensor elu(Scalar alpha, Scalar scale, Scalar input_scale) => s_elu.Call(this, alpha, scale, input_scale);

        private static readonly Op s_elu_ = new("aten::elu_");
        public Tensor elu_(double alpha = 1) => s_elu_.InPlace(this, this, alpha);

        public Tensor elu_(Scalar alpha, Scalar scale, Scalar input_scale) => s_elu_.InPlace(this, this, alpha, scale, input_scale);

        private static readonly Op s_gelu = new("aten::gelu");
        public Tensor gelu() => s_gelu.Call(this);

        private static readonly Op s_gelu_ = new("aten::gelu_");
        public Tensor gelu_() => s_gelu_.InPlace(this, this);

        private static readonly Op s_glu = new("aten::glu");
        public Tensor glu(long dim = -1) => s_glu.Call(this, dim);

        private static readonly Op s_hardsigmoid = new("aten::hardsigmoid");
        public Tensor hardsigmoid() => s_hardsigmoid.Call(this);

        private static readonly Op s_hardsigmoid_ = new("aten::hardsigmoid_");
        public Tensor hardsigmoid_() => s_hardsigmoid_.InPlace(this, this);

        private static readonly Op s_hardswish = new("aten::hardswish");
        public Tensor hardswish() => s_hardswish.Call(this);

        private static readonly Op s_hardswish_ = new("aten::hardswish_");
        public Tensor hardswish_() => s_hardswish_.InPlace(this, this);

        private static readonly Op s_hardtanh = new("aten::hardtanh");
        public Tensor hardtanh(Scalar min, Scalar max) => s_hardtanh.Call(this, min, max);

        private static readonly Op s_hardtanh_ = new("aten::hardtanh_");
        public Tensor hardtanh_(Scalar min, Scalar max) => s_hardtanh_.InPlace(this, this, min, max);

        private static readonly Op s_leaky_relu = new("aten::leaky_relu");
        public Tensor leaky_relu(Scalar negative_slope) => s_leaky_relu.Call(this, negative_slope);

        private static readonly Op s_leaky_relu_ = new("aten::leaky_relu_");
        public Tensor leaky_relu_(Scalar negative_slope) => s_leaky_relu_.InPlace(this, this, negative_slope);

        private static readonly Op s_log_sigmoid = new("aten::log_sigmoid");
        public Tensor log_sigmoid() => s_log_sigmoid.Call(this);

        private static readonly Op s_log_softmax_int = new("aten::log_softmax", "int");
        public Tensor log_softmax(long dim, ScalarType? dtype = null) => s_log_softmax_int.Call(this, dim, dtype);

        private static readonly Op s_prelu = new("aten::prelu");
        public Tensor prelu(Tensor target) => s_prelu.Call(this, target);

        private static readonly Op s_relu = new("aten::relu");
        public Tensor relu() => s_relu.Call(this);

        private static readonly Op s_relu_ = new("aten::relu_");
        public Tensor relu_() => s_relu_.InPlace(this, this);

        private static readonly Op s_relu6 = new("aten::relu6");
        public Tensor relu6() => s_relu6.Call(this);

        private static readonly Op s_relu6_ = new("aten::relu6_");
        public Tensor relu6_() => s_relu6_.InPlace(this, this);

        private static readonly Op s_rrelu = new("aten::rrelu");
        public Tensor rrelu(double lower = 0.125, double upper = 1.0 / 3) => s_rrelu.Call(this, lower, upper);

        private static readonly Op s_rrelu_ = new("aten::rrelu_");
        public Tensor rrelu_(double lower = 0.125, double upper = 1.0 / 3) => s_rrelu_.InPlace(this, this, lower, upper);

        private static readonly Op s_selu = new("aten::selu");
        public Tensor selu() => s_selu.Call(this);

        private static readonly Op s_selu_ = new("aten::selu_");
        public Tensor selu_() => s_selu_.InPlace(this, this);

        private static readonly Op s_sigmoid = new("aten::sigmoid");
        public Tensor sigmoid() => s_sigmoid.Call(this);

        private static readonly Op s_sigmoid_ = new("aten::sigmoid_");
        public Tensor sigmoid_() => s_sigmoid_.InPlace(this, this);

        private static readonly Op s_silu = new("aten::silu");
        public Tensor silu() => s_silu.Call(this);

        private static readonly Op s_silu_ = new("aten::silu_");
        public Tensor silu_() => s_silu_.InPlace(this, this);

        private static readonly Op s_softmax_int = new("aten::softmax", "int");
        public Tensor softmax(long dim, ScalarType? dtype = null) => s_softmax_int.Call(this, dim, dtype);

        private static readonly Op s_softplus = new("aten::softplus");
        public Tensor softplus(double beta = 1, double threshold = 20) => s_softplus.Call(this, beta, threshold);

        private static readonly Op s_threshold = new("aten::threshold");
        public Tensor threshold(Scalar threshold, Scalar value) => s_threshold.Call(this, threshold, value);

        private static readonly Op s_threshold_ = new("aten::threshold_");
        public Tensor threshold_(Scalar threshold, Scalar value) => s_threshold_.InPlace(this, this, threshold, value);
    }
}
