using Interp.Native;

namespace TorchSharp;

public static partial class torch
{
    /// <summary>Layers' functions, losses, initialisation.</summary>
    public static partial class nn
    {
        /// <summary>What a loss does with its elements.</summary>
        public enum Reduction : long
        {
            None = 0,
            Mean = 1,
            Sum = 2,
        }

        /// <summary>Layers as functions.</summary>
        public static partial class functional
        {
            private static readonly Op s_linear = new("aten::linear");
            private static readonly Op s_layer_norm = new("aten::layer_norm");
            private static readonly Op s_group_norm = new("aten::group_norm");
            private static readonly Op s_bilinear = new("aten::bilinear");
            private static readonly Op s_dropout = new("aten::dropout");
            private static readonly Op s_one_hot = new("aten::one_hot");
            private static readonly Op s_pad = new("aten::pad");
            private static readonly Op s_cosine_similarity = new("aten::cosine_similarity");
            private static readonly Op s_pairwise_distance = new("aten::pairwise_distance");
            private static readonly Op s_attention = new("aten::scaled_dot_product_attention");
            private static readonly Op s_attentionBefore2 = new("aten::_scaled_dot_product_attention");

            public static Tensor linear(Tensor input, Tensor weights, Tensor? bias = null) => s_linear.Call(input, weights, bias);

            public static Tensor bilinear(Tensor input1, Tensor input2, Tensor weight, Tensor? bias = null) =>
                s_bilinear.Call(input1, input2, weight, bias);

            public static Tensor layer_norm(
                Tensor input, long[] normalized_shape, Tensor? weight = null, Tensor? bias = null, double eps = 1E-05) =>
                s_layer_norm.Call(input, Arg.Ints(normalized_shape), weight, bias, eps);

            public static Tensor group_norm(Tensor input, long num_groups, Tensor? weight = null, Tensor? bias = null, double eps = 1E-05) =>
                s_group_norm.Call(input, num_groups, weight, bias, eps);

            public static Tensor dropout(Tensor input, double p = 0.5, bool training = true, bool inplace = false) =>
                inplace ? input.copy_(s_dropout.Call(input, p, training)) : s_dropout.Call(input, p, training);

            public static Tensor one_hot(Tensor x, long num_classes = -1) => s_one_hot.Call(x, num_classes);

            public static Tensor pad(Tensor input, long[] pad, PaddingModes mode = PaddingModes.Constant, double value = 0) =>
                functional.pad(input, (ReadOnlySpan<long>)pad, mode, value);

            public static Tensor pad(Tensor input, ReadOnlySpan<long> pad, PaddingModes mode = PaddingModes.Constant, double value = 0)
            {
                var constant = mode is PaddingModes.Constant or PaddingModes.Zeros;
                return s_pad.Call(input, Arg.Ints(pad), constant ? "constant" : mode.ToString().ToLowerInvariant(), constant ? value : Arg.None);
            }

            public static Tensor pad(Tensor input, (long, long) pad, PaddingModes mode = PaddingModes.Constant, double value = 0) =>
                functional.pad(input, (ReadOnlySpan<long>)[pad.Item1, pad.Item2], mode, value);

            public static Tensor pad(Tensor input, (long, long, long, long) pad, PaddingModes mode = PaddingModes.Constant, double value = 0) =>
                functional.pad(input, (ReadOnlySpan<long>)[pad.Item1, pad.Item2, pad.Item3, pad.Item4], mode, value);

            public static Tensor pad(Tensor input, long pad, PaddingModes mode = PaddingModes.Constant, double value = 0) =>
                functional.pad(input, (ReadOnlySpan<long>)[pad, pad], mode, value);

            public static Tensor normalize(Tensor input, double p = 2, long dim = 1, double eps = 1E-12)
            {
                using var scope = NewDisposeScope();
                var length = linalg.vector_norm(input, p, [dim], true).clamp_min(eps).expand_as(input);
                return (input / length).MoveToOuterDisposeScope();
            }

            public static Tensor cosine_similarity(Tensor x1, Tensor x2, long dim = 1, double eps = 1E-08) =>
                s_cosine_similarity.Call(x1, x2, dim, eps);

            public static Tensor pairwise_distance(Tensor input1, Tensor input2, double p = 2, double eps = 1E-06, bool keepdim = false) =>
                s_pairwise_distance.Call(input1, input2, p, eps, keepdim);

            /// <summary>Attention without its pattern, fused where libtorch has it. The name of the last parameter is TorchSharp's.</summary>
            public static Tensor scaled_dot_product_attention(
                Tensor query, Tensor key, Tensor value, Tensor? attn_mask = null, double p = 0, bool is_casual = false)
            {
                if (s_attention.Exists) return s_attention.Call(query, key, value, attn_mask, p, is_casual);
                var (result, pattern) = s_attentionBefore2.Call2(query, key, value, attn_mask, p, false, is_casual);
                pattern.Dispose();
                return result;
            }
        }
    }
}
