using Interp.Native;

namespace TorchSharp;

public static partial class torch
{
    /// <summary>Gradients.</summary>
    public static partial class autograd
    {
        public static unsafe IList<Tensor> grad(
            IList<Tensor> outputs, IList<Tensor> inputs, IList<Tensor>? grad_outputs = null, bool retain_graph = false, bool create_graph = false,
            bool allow_unused = false)
        {
            var results = new nint[inputs.Count];
            fixed (nint* o = Handles(outputs), i = Handles(inputs), g = Handles(grad_outputs), r = results)
            {
                var keep = retain_graph || create_graph;
                if (NativeMethods.it_grad(o, outputs.Count, i, inputs.Count, g, grad_outputs?.Count ?? 0, Bit(keep), Bit(create_graph), Bit(allow_unused), r) < 0)
                {
                    NativeError.Throw();
                }
            }
            GC.KeepAlive(outputs);
            GC.KeepAlive(inputs);
            GC.KeepAlive(grad_outputs);
            return Array.ConvertAll(results, Tensor.Own);
        }

        public static unsafe void backward(
            IList<Tensor> tensors, IList<Tensor>? grad_tensors = null, bool? retain_graph = null, bool create_graph = false, IList<Tensor>? inputs = null)
        {
            fixed (nint* o = Handles(tensors), g = Handles(grad_tensors), i = Handles(inputs))
            {
                var keep = retain_graph ?? create_graph;
                if (NativeMethods.it_backward(o, tensors.Count, g, grad_tensors?.Count ?? 0, Bit(keep), Bit(create_graph), i, inputs?.Count ?? 0) < 0)
                {
                    NativeError.Throw();
                }
            }
            GC.KeepAlive(tensors);
            GC.KeepAlive(grad_tensors);
            GC.KeepAlive(inputs);
        }

        public static void backward(
            Tensor tensor, IList<Tensor>? grad_tensors = null, bool? retain_graph = null, bool create_graph = false, IList<Tensor>? inputs = null) =>
            backward([tensor], grad_tensors, retain_graph, create_graph, inputs);

        public static void backward(
            Tensor tensor, Tensor grad_tensor, bool? retain_graph = null, bool create_graph = false, IList<Tensor>? inputs = null) =>
            backward([tensor], [grad_tensor], retain_graph, create_graph, inputs);

        public static AnomalyMode detect_anomaly(bool check_nan = true) => new(true, check_nan);

        public static AnomalyMode set_detect_anomaly(bool mode, bool check_nan = true) => new(mode, check_nan);

        private static int Bit(bool value) => value ? 1 : 0;

        private static nint[] Handles(IList<Tensor>? tensors)
        {
            if (tensors is null) return [];
            var handles = new nint[tensors.Count];
            for (var k = 0; k < handles.Length; k++) handles[k] = tensors[k]?.Handle ?? 0;
            return handles;
        }
    }

    public partial class Tensor
    {
        private static readonly Op s_detach = new("aten::detach");
        private static readonly Op s_detachInPlace = new("aten::detach_");

        public bool requires_grad
        {
            get => Get(Field.RequiresGrad) != 0;
            set => requires_grad_(value);
        }

        /// <summary>The gradient that backward accumulated, as a new object sharing its memory; null when there is none.</summary>
        public Tensor? grad
        {
            get
            {
                var handle = NativeMethods.it_get_grad(Handle);
                GC.KeepAlive(this);
                if (handle != 0) return Own(handle);
                NativeError.ThrowIfAny();
                return null;
            }
            set
            {
                if (NativeMethods.it_set_grad(Handle, value?.Handle ?? 0) < 0) NativeError.Throw();
                GC.KeepAlive(value);
                GC.KeepAlive(this);
            }
        }

        public Tensor requires_grad_(bool requires_grad = true)
        {
            if (NativeMethods.it_set_requires_grad(Handle, requires_grad ? 1 : 0) < 0) NativeError.Throw();
            return this;
        }

        public void retain_grad()
        {
            if (NativeMethods.it_retain_grad(Handle) < 0) NativeError.Throw();
            GC.KeepAlive(this);
        }

        public Tensor detach() => s_detach.Call(this);

        public Tensor detach_() => s_detachInPlace.InPlace(this, this);

        public void backward() => autograd.backward(this);

        public void backward(
            IList<Tensor>? grad_tensors = null, bool retain_graph = false, bool create_graph = false, IList<Tensor>? inputs = null) =>
            autograd.backward(this, grad_tensors, retain_graph || create_graph, create_graph, inputs);
    }
}
