using Interp.Native;

namespace TorchSharp;

public static partial class torch
{
    public static partial class nn
    {
        // Losses.
        public static partial class functional
        {
            private static readonly Op s_cross_entropy = new("aten::cross_entropy_loss");
            private static readonly Op s_nll_loss = new("aten::nll_loss_nd");
            private static readonly Op s_kl_div = new("aten::kl_div");
            private static readonly Op s_mse_loss = new("aten::mse_loss");
            private static readonly Op s_l1_loss = new("aten::l1_loss");
            private static readonly Op s_huber_loss = new("aten::huber_loss");
            private static readonly Op s_smooth_l1_loss = new("aten::smooth_l1_loss");
            private static readonly Op s_binary_cross_entropy = new("aten::binary_cross_entropy");
            private static readonly Op s_bce_with_logits = new("aten::binary_cross_entropy_with_logits");
            private static readonly Op s_cosine_embedding_loss = new("aten::cosine_embedding_loss");
            private static readonly Op s_margin_ranking_loss = new("aten::margin_ranking_loss");
            private static readonly Op s_hinge_embedding_loss = new("aten::hinge_embedding_loss");

            public static Tensor cross_entropy(
                Tensor input, Tensor target, Tensor? weight = null, long ignore_index = -100, Reduction reduction = Reduction.Mean,
                double label_smoothing = 0) =>
                s_cross_entropy.Call(input, target, weight, (long)reduction, ignore_index, label_smoothing);

            public static Tensor nll_loss(Tensor input, Tensor target, Tensor? weight = null, Reduction reduction = Reduction.Mean) =>
                s_nll_loss.Call(input, target, weight, (long)reduction);

            /// <summary>As TorchSharp's: the target is in log space unless <paramref name="log_target"/> says otherwise.</summary>
            public static Tensor kl_div(Tensor input, Tensor target, bool log_target = true, Reduction reduction = Reduction.Mean) =>
                s_kl_div.Call(input, target, (long)reduction, log_target);

            public static Tensor mse_loss(Tensor input, Tensor target, Reduction reduction = Reduction.Mean) =>
                s_mse_loss.Call(input, target, (long)reduction);

            public static Tensor l1_loss(Tensor input, Tensor target, Reduction reduction = Reduction.Mean) =>
                s_l1_loss.Call(input, target, (long)reduction);

            public static Tensor huber_loss(Tensor input, Tensor target, double delta = 1, Reduction reduction = Reduction.Mean) =>
                s_huber_loss.Call(input, target, (long)reduction, delta);

            public static Tensor smooth_l1_loss(Tensor input, Tensor target, Reduction reduction = Reduction.Mean, double beta = 1) =>
                s_smooth_l1_loss.Call(input, target, (long)reduction, beta);

            public static Tensor binary_cross_entropy(
                Tensor input, Tensor target, Tensor? weight = null, Reduction reduction = Reduction.Mean) =>
                s_binary_cross_entropy.Call(input, target, weight, (long)reduction);

            public static Tensor binary_cross_entropy_with_logits(
                Tensor input, Tensor target, Tensor? weight = null, Reduction reduction = Reduction.Mean, Tensor? pos_weights = null) =>
                s_bce_with_logits.Call(input, target, weight, pos_weights, (long)reduction);

            public static Tensor cosine_embedding_loss(
                Tensor input1, Tensor input2, Tensor target, double margin = 0, Reduction reduction = Reduction.Mean) =>
                s_cosine_embedding_loss.Call(input1, input2, target, margin, (long)reduction);

            public static Tensor margin_ranking_loss(
                Tensor input1, Tensor input2, Tensor target, double margin = 0, Reduction reduction = Reduction.Mean) =>
                s_margin_ranking_loss.Call(input1, input2, target, margin, (long)reduction);

            public static Tensor hinge_embedding_loss(Tensor input, Tensor target, double margin = 0, Reduction reduction = Reduction.Mean) =>
                s_hinge_embedding_loss.Call(input, target, margin, (long)reduction);
        }
    }
}
