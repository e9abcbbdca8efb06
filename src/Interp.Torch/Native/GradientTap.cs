using System.Runtime.InteropServices;
using TorchSharp;
using static TorchSharp.torch;

namespace Interp.Native;

/// <summary>A function called with a tensor's gradient during the backward pass, which may replace it; disposing takes it away.</summary>
public sealed unsafe class GradientTap : IDisposable
{
    private readonly Tensor _tensor;
    private readonly Func<Tensor, Tensor?> _function;
    private int _hook;
    private volatile bool _gone;

    private GradientTap(Tensor tensor, Func<Tensor, Tensor?> function)
    {
        _tensor = tensor;
        _function = function;
    }

    /// <summary>
    /// Calls <paramref name="function"/> with the gradient of <paramref name="tensor"/>, same shape, whenever a backward pass computes it. What it
    /// returns replaces the gradient; null leaves it. The gradient given belongs to a scope that ends with the call: move it out to keep it. An
    /// exception thrown by the function ends the backward pass and is thrown by it.
    /// </summary>
    /// <exception cref="ExternalException">The tensor does not require a gradient.</exception>
    public static IDisposable Register(Tensor tensor, Func<Tensor, Tensor?> function)
    {
        ArgumentNullException.ThrowIfNull(tensor);
        ArgumentNullException.ThrowIfNull(function);
        var tap = new GradientTap(tensor, function);
        var id = Callbacks.Add(tap);
        int hook;
        // Native code releases the state when it drops the hook, also when registering fails.
        if (NativeMethods.it_register_hook(tensor.Handle, &Call, &Release, id, &hook) < 0) NativeError.Throw();
        GC.KeepAlive(tensor);
        tap._hook = hook;
        return tap;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_gone) return;
        _gone = true;
        if (!_tensor.IsInvalid) NativeMethods.it_remove_hook(_tensor.Handle, _hook);
        GC.KeepAlive(_tensor);
    }

    [UnmanagedCallersOnly]
    private static int Call(long id, nint gradient, nint* replacement)
    {
        *replacement = 0;
        try
        {
            using var scope = NewDisposeScope();
            var given = Tensor.Own(gradient);
            if (Callbacks.Get<GradientTap>(id) is not { _gone: false } tap) return 0;
            var result = tap._function(given);
            if (result is null) return 0;
            *replacement = NativeMethods.it_alias(result.Handle);
            GC.KeepAlive(result);
            return 0;
        }
        catch (Exception e)
        {
            Callbacks.Threw(id, e);
            return 1;
        }
    }

    [UnmanagedCallersOnly]
    private static void Release(long id) => Callbacks.Remove(id);
}
