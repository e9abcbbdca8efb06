using Interp.Native;

namespace TorchSharp;

public static partial class torch
{
    public static partial class autograd
    {
        /// <summary>What a custom function's forward leaves for its backward.</summary>
        public class AutogradContext : IDisposable
        {
            private readonly Dictionary<string, object> _data = [];
            private List<Tensor> _given = [];

            internal AutogradContext()
            {
            }

            /// <summary>The native node, while backward runs.</summary>
            internal nint Node { get; set; }

            internal List<Tensor> ToSave => _given;

            internal List<Tensor> Dirty { get; private set; } = [];

            internal List<Tensor> NotDifferentiable { get; private set; } = [];

            /// <summary>Whether a gradient that nothing fed arrives as zeros rather than as an invalid tensor.</summary>
            public bool MaterializeGrads { get; private set; } = true;

            public void Dispose()
            {
                Dispose(true);
                GC.SuppressFinalize(this);
            }

            protected virtual void Dispose(bool disposing)
            {
            }

            public object get_data(string key) => _data[key];

            public void save_data(string key, object value) => _data[key] = value;

            /// <summary>The tensors saved; in backward they are new objects for the caller to dispose.</summary>
            public unsafe List<Tensor> get_saved_variables()
            {
                if (Node == 0) return [.. _given];
                var handles = new nint[NativeMethods.it_node_saved_count(Node)];
                fixed (nint* p = handles)
                {
                    if (NativeMethods.it_node_saved(Node, p) < 0) NativeError.Throw();
                }
                return [.. Array.ConvertAll(handles, Tensor.Own)];
            }

            public void save_for_backward(List<Tensor> tensors) => _given = tensors;

            public void mark_dirty(List<Tensor> tensors) => Dirty = tensors;

            public void mark_non_differentiable(List<Tensor> tensors) => NotDifferentiable = tensors;

            public void set_materialize_grads(bool value) => MaterializeGrads = value;

            /// <summary>Forward is over: only native code holds the saved tensors from here on.</summary>
            internal void Forget()
            {
                _given = [];
                Dirty = [];
                NotDifferentiable = [];
            }
        }
    }
}
