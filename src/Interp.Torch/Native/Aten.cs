using System.Collections.Concurrent;
using static TorchSharp.torch;

namespace Interp.Native;

/// <summary>Any operator of libtorch by its schema's name and overload, for what TorchSharp does not have.</summary>
public static class Aten
{
    private static readonly ConcurrentDictionary<(string, string), AtenOperator> s_found = new();
    private static readonly AtenOperator s_gelu = new("aten::gelu", "");

    /// <summary>The operator, e.g. ("aten::gelu", ""). Keep it in a field where it is called often.</summary>
    public static AtenOperator Find(string name, string overload = "") =>
        s_found.GetOrAdd((name, overload), key => new AtenOperator(key.Item1, key.Item2));

    /// <summary>Whether this libtorch has the operator.</summary>
    public static bool Exists(string name, string overload = "") => Find(name, overload).Exists;

    /// <summary>Calls an operator and returns its first result. Arguments left out at the end take the schema's default.</summary>
    /// <exception cref="System.Runtime.InteropServices.ExternalException">There is no such operator, or it failed.</exception>
    public static Tensor Call(string name, string overload, params ReadOnlySpan<AtenArgument> arguments) => Find(name, overload).Call(arguments);

    /// <summary>Calls an operator and returns all tensors it gives, lists spread out; an undefined result is an invalid tensor.</summary>
    /// <exception cref="System.Runtime.InteropServices.ExternalException">There is no such operator, or it failed.</exception>
    public static Tensor[] CallMany(string name, string overload, params ReadOnlySpan<AtenArgument> arguments) =>
        Find(name, overload).CallMany(arguments);

    /// <summary>GELU by its tanh approximation, which TorchSharp 0.106 lacks.</summary>
    public static Tensor GeluTanh(Tensor x) => s_gelu.Call(x, "tanh");
}
