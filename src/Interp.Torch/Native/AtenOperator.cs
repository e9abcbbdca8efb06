using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace Interp.Native;

/// <summary>One operator of libtorch, looked up at its first call.</summary>
public sealed class AtenOperator
{
    private readonly Op _op;

    internal AtenOperator(string name, string overload) => _op = new(name, overload);

    /// <summary>Whether this libtorch has it.</summary>
    public bool Exists => _op.Exists;

    /// <summary>Calls it and returns the first result.</summary>
    public Tensor Call(params ReadOnlySpan<AtenArgument> arguments) => _op.Call(Plain(arguments));

    /// <summary>Calls it and returns all tensors it gives, lists spread out.</summary>
    public Tensor[] CallMany(params ReadOnlySpan<AtenArgument> arguments) => _op.CallList(Plain(arguments));

    /// <summary>Calls it for its effect.</summary>
    public void Run(params ReadOnlySpan<AtenArgument> arguments) => _op.Run(Plain(arguments));

    /// <inheritdoc/>
    public override string ToString() => _op.Name;

    private static ReadOnlySpan<Arg> Plain(ReadOnlySpan<AtenArgument> arguments) =>
        MemoryMarshal.CreateReadOnlySpan(ref Unsafe.As<AtenArgument, Arg>(ref MemoryMarshal.GetReference(arguments)), arguments.Length);
}
