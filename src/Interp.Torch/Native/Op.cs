using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using TorchSharp;
using static TorchSharp.torch;

namespace Interp.Native;

#pragma warning disable CS8500 // The address of an Arg: it lives on the stack, and native code does not touch its first, managed, word.

/// <summary>
/// An operator of libtorch, found once by name and overload, called through the dispatcher. A call site keeps it in a static field.
/// </summary>
internal sealed unsafe class Op(string name, string overload = "")
{
    private nint _handle;

    internal string Name => overload.Length == 0 ? name : $"{name}.{overload}";

    private nint Handle => _handle != 0 ? _handle : Find();

    /// <summary>Calls the operator and returns its first result.</summary>
    internal Tensor Call(params ReadOnlySpan<Arg> args)
    {
        fixed (Arg* p = args)
        {
            var result = NativeMethods.it_call1(Handle, p, args.Length);
            if (result == 0) NativeError.Throw();
            return Tensor.Own(result);
        }
    }

    /// <summary>Calls an in-place operator and gives back the tensor it changed.</summary>
    internal Tensor InPlace(Tensor self, params ReadOnlySpan<Arg> args)
    {
        fixed (Arg* p = args)
        {
            if (NativeMethods.it_call0(Handle, p, args.Length) < 0) NativeError.Throw();
        }
        return self;
    }

    /// <summary>Whether this libtorch has the operator.</summary>
    internal bool Exists => _handle != 0 || (_handle = NativeMethods.it_op(name, overload)) != 0;

    /// <summary>Calls the operator for its effect.</summary>
    internal void Run(params ReadOnlySpan<Arg> args)
    {
        fixed (Arg* p = args)
        {
            if (NativeMethods.it_call0(Handle, p, args.Length) < 0) NativeError.Throw();
        }
    }

    /// <summary>Calls an operator of two results.</summary>
    internal (Tensor, Tensor) Call2(params ReadOnlySpan<Arg> args)
    {
        var o = stackalloc Output[2];
        Run(args, o, 2);
        return (o[0].Tensor(), o[1].Tensor());
    }

    /// <summary>Calls an operator of three results.</summary>
    internal (Tensor, Tensor, Tensor) Call3(params ReadOnlySpan<Arg> args)
    {
        var o = stackalloc Output[3];
        Run(args, o, 3);
        return (o[0].Tensor(), o[1].Tensor(), o[2].Tensor());
    }

    /// <summary>Calls an operator of four results.</summary>
    internal (Tensor, Tensor, Tensor, Tensor) Call4(params ReadOnlySpan<Arg> args)
    {
        var o = stackalloc Output[4];
        Run(args, o, 4);
        return (o[0].Tensor(), o[1].Tensor(), o[2].Tensor(), o[3].Tensor());
    }

    /// <summary>Calls an operator whose result is a truth value.</summary>
    internal bool Truth(params ReadOnlySpan<Arg> args)
    {
        Output o;
        Run(args, &o, 1);
        return o.Bits != 0;
    }

    /// <summary>Calls an operator whose results are tensors, however many.</summary>
    internal Tensor[] CallList(params ReadOnlySpan<Arg> args)
    {
        nint* list;
        int count;
        fixed (Arg* p = args)
        {
            if (NativeMethods.it_call_list(Handle, p, args.Length, &list, &count) < 0) NativeError.Throw();
        }
        var result = new Tensor[count];
        for (var k = 0; k < count; k++) result[k] = Tensor.Own(list[k]);
        NativeMethods.it_free_list(list);
        return result;
    }

    private void Run(ReadOnlySpan<Arg> args, Output* o, int cap)
    {
        fixed (Arg* p = args)
        {
            if (NativeMethods.it_call(Handle, p, args.Length, o, cap) < 0) NativeError.Throw();
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private nint Find()
    {
        var found = NativeMethods.it_op(name, overload);
        if (found == 0) NativeError.Throw();
        _handle = found;
        return found;
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct Output
    {
        private nint _unused;
        internal long Bits;
        private int _tag;
        private int _length;

        internal readonly Tensor Tensor() => torch.Tensor.Own((nint)Bits);
    }
}
