using TorchSharp.Modules;

namespace TorchSharp;

public static partial class torch
{
    public static partial class nn
    {
        /// <summary>Gradients of many parameters at once.</summary>
        public static class utils
        {
            /// <summary>Scales all gradients so that their common norm is at most <paramref name="max_norm"/>.</summary>
            /// <returns>The norm before.</returns>
            public static double clip_grad_norm_(IEnumerable<Parameter> tensors, double max_norm, double norm_type = 2)
            {
                using var scope = NewDisposeScope();
                using var mode = no_grad();
                Tensor[] gradients = [.. tensors.Select(t => t.grad!).Where(g => g is not null)];
                if (gradients.Length == 0) return 0;
                var norms = stack(gradients.Select(g => linalg.vector_norm(g, norm_type)));
                var total = linalg.vector_norm(norms, norm_type);
                var scale = (max_norm / (total + 1e-6)).clamp_max(1.0);
                foreach (var g in gradients) g.mul_(scale);
                return total.ToDouble();
            }

            public static void clip_grad_value_(IEnumerable<Parameter> tensors, double clip_value)
            {
                using var scope = NewDisposeScope();
                using var mode = no_grad();
                foreach (var t in tensors) t.grad?.clamp_((Scalar)(-clip_value), (Scalar)clip_value);
            }

            public static Tensor parameters_to_vector(IEnumerable<Parameter> tensors)
            {
                using var scope = NewDisposeScope();
                return cat([.. tensors.Select(t => t.reshape(-1))]).MoveToOuterDisposeScope();
            }

            public static void vector_to_parameters(Tensor vec, IEnumerable<Parameter> tensors)
            {
                using var scope = NewDisposeScope();
                using var mode = no_grad();
                long at = 0;
                foreach (var t in tensors)
                {
                    t.copy_(vec.narrow(0, at, t.numel()).view_as(t));
                    at += t.numel();
                }
            }
        }
    }
}
