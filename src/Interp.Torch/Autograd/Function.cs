using System.Text;
using Interp.Native;

namespace TorchSharp;

public static partial class torch
{
    public static partial class autograd
    {
        /// <summary>An operator whose forward and backward are managed code; derive from one of its two children.</summary>
        public abstract class Function<T> where T : Function<T>, new()
        {
            protected Function()
            {
            }

            public abstract string Name { get; }

            public static List<Tensor> apply_internal(params object[] vars) => FunctionCall.Apply(new T(), vars);

            /// <summary>The forward pass, as every child has it in its own shape.</summary>
            internal abstract List<Tensor> Forward(AutogradContext ctx, object[] vars);

            /// <summary>The backward pass: one gradient for each argument of forward, null where there is none.</summary>
            internal abstract List<Tensor> Backward(AutogradContext ctx, List<Tensor> gradients);
        }

        /// <summary>A function of one result.</summary>
        public abstract class SingleTensorFunction<T> : Function<T> where T : SingleTensorFunction<T>, new()
        {
            protected SingleTensorFunction()
            {
            }

            public static Tensor apply(params object[] vars) => apply_internal(vars)[0];

            public abstract List<Tensor> backward(AutogradContext ctx, Tensor grad_output);

            public abstract Tensor forward(AutogradContext ctx, params object[] vars);

            internal override List<Tensor> Forward(AutogradContext ctx, object[] vars) => [forward(ctx, vars)];

            internal override List<Tensor> Backward(AutogradContext ctx, List<Tensor> gradients) => backward(ctx, gradients[0]);
        }

        /// <summary>A function of several results.</summary>
        public abstract class MultiTensorFunction<T> : Function<T> where T : MultiTensorFunction<T>, new()
        {
            protected MultiTensorFunction()
            {
            }

            public static List<Tensor> apply(params object[] vars) => apply_internal(vars);

            public abstract List<Tensor> backward(AutogradContext ctx, List<Tensor> grad_outputs);

            public abstract List<Tensor> forward(AutogradContext ctx, params object[] vars);

            internal override List<Tensor> Forward(AutogradContext ctx, object[] vars) => forward(ctx, vars);

            internal override List<Tensor> Backward(AutogradContext ctx, List<Tensor> gradients) => backward(ctx, gradients);
        }

        /// <summary>One application of a custom function: kept by its node of the graph until that is freed.</summary>
        private sealed unsafe class FunctionCall
        {
            private readonly AutogradContext _context = new();
            private readonly Func<AutogradContext, List<Tensor>, List<Tensor>> _backward;
            private readonly string _name;
            private readonly int[] _places;
            private (long[] Shape, ScalarType Type, Device Device)[] _outputs = [];

            private FunctionCall(string name, Func<AutogradContext, List<Tensor>, List<Tensor>> backward, int[] places)
            {
                _name = name;
                _backward = backward;
                _places = places;
            }

            internal static List<Tensor> Apply<T>(Function<T> function, object[] vars) where T : Function<T>, new()
            {
                int[] places = [.. Enumerable.Range(0, vars.Length).Where(k => vars[k] is Tensor)];
                Tensor[] inputs = [.. places.Select(k => (Tensor)vars[k])];
                var call = new FunctionCall(function.Name, function.Backward, places);
                List<Tensor> outputs;
                var tracked = is_grad_enabled() && Array.Exists(inputs, t => t.requires_grad);
                using (no_grad()) outputs = function.Forward(call._context, vars);
                return tracked ? call.Join(inputs, outputs) : outputs;
            }

            private List<Tensor> Join(Tensor[] inputs, List<Tensor> outputs)
            {
                _outputs = [.. outputs.Select(t => (t.shape, t.dtype, t.device))];
                var node = NewNode(inputs);
                try
                {
                    var results = new List<Tensor>();
                    foreach (var output in outputs) results.Add(Output(node, inputs, output));
                    Save(node, outputs, results);
                    _context.Forget();
                    return results;
                }
                finally
                {
                    NativeMethods.it_free_node(node);
                }
            }

            private nint NewNode(Tensor[] inputs)
            {
                var id = Callbacks.Add(this);
                fixed (nint* p = Array.ConvertAll(inputs, t => t.Handle))
                fixed (byte* name = Encoding.UTF8.GetBytes(_name + '\0'))
                {
                    var node = NativeMethods.it_node(&Call, &Release, id, name, p, inputs.Length);
                    if (node == 0)
                    {
                        Callbacks.Remove(id);
                        NativeError.Throw();
                    }
                    GC.KeepAlive(inputs);
                    return node;
                }
            }

            private Tensor Output(nint node, Tensor[] inputs, Tensor output)
            {
                if (_context.NotDifferentiable.Contains(output, ReferenceEqualityComparer.Instance))
                {
                    if (NativeMethods.it_node_skip(node) < 0) NativeError.Throw();
                    return output;
                }
                var dirty = _context.Dirty.Contains(output, ReferenceEqualityComparer.Instance);
                var given = Array.Exists(inputs, t => ReferenceEquals(t, output));
                var joined = NativeMethods.it_node_output(node, output.Handle, given ? 1 : 0, dirty ? 1 : 0);
                if (joined == 0) NativeError.Throw();
                if (dirty || !given)
                {
                    // The object itself became an output of the node.
                    NativeMethods.it_free(joined);
                    return output;
                }
                return Tensor.Own(joined);
            }

            private void Save(nint node, List<Tensor> outputs, List<Tensor> results)
            {
                var saved = _context.ToSave;
                var handles = new nint[saved.Count];
                var own = new int[saved.Count];
                for (var k = 0; k < handles.Length; k++)
                {
                    if (saved[k] is not { } tensor) continue;
                    var at = outputs.FindIndex(o => ReferenceEquals(o, tensor));
                    handles[k] = at >= 0 ? results[at].Handle : tensor.Handle;
                    own[k] = at >= 0 ? 1 : 0;
                }
                fixed (nint* p = handles)
                fixed (int* o = own)
                {
                    if (NativeMethods.it_node_save(node, p, handles.Length, o) < 0) NativeError.Throw();
                }
                GC.KeepAlive(saved);
                GC.KeepAlive(results);
            }

            [System.Runtime.InteropServices.UnmanagedCallersOnly]
            private static int Call(long id, nint self, nint* gradients, int n, nint* results, int m)
            {
                try
                {
                    using var scope = NewDisposeScope();
                    var given = new Tensor[n];
                    for (var k = 0; k < n; k++) given[k] = Tensor.Own(gradients[k]);
                    if (Callbacks.Get<FunctionCall>(id) is { } call) call.Backward(self, given, new Span<nint>(results, m));
                    return 0;
                }
                catch (Exception e)
                {
                    Callbacks.Threw(id, e);
                    return 1;
                }
            }

            private void Backward(nint self, Tensor[] given, Span<nint> results)
            {
                for (var k = 0; k < given.Length; k++)
                {
                    if (!given[k].IsInvalid || !_context.MaterializeGrads) continue;
                    var (shape, type, device) = _outputs[k];
                    given[k] = zeros(shape, type, device);
                }
                _context.Node = self;
                try
                {
                    var own = _backward(_context, [.. given]);
                    for (var k = 0; k < results.Length; k++)
                    {
                        var place = _places[k];
                        if (place < own.Count && own[place] is { IsInvalid: false } g) results[k] = NativeMethods.it_alias(g.Handle);
                    }
                    GC.KeepAlive(own);
                }
                finally
                {
                    _context.Node = 0;
                }
            }

            [System.Runtime.InteropServices.UnmanagedCallersOnly]
            private static void Release(long id) => Callbacks.Remove(id);
        }
    }
}
