namespace Interp.Tests.Support;

using System.Runtime.InteropServices;
using System.Security.Cryptography;
using static TorchSharp.torch;

/// <summary>All weights of a model, to the last bit: a fingerprint rounds, and looks at a few of each tensor.</summary>
internal static class WeightBits
{
    /// <summary>Sixteen hexadecimal digits made from every bit of every weight, as float64.</summary>
    public static string Of(HookedTransformer model)
    {
        using var scope = NewDisposeScope();
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var (_, weight) in model.Weights.Tensors())
            hash.AppendData(MemoryMarshal.AsBytes<double>(weight.detach().to(ScalarType.Float64).contiguous().data<double>().ToArray()));
        return Convert.ToHexStringLower(hash.GetHashAndReset())[..16];
    }
}
