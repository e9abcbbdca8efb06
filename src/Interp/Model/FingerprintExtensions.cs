namespace Interp;

using System.Globalization;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using static TorchSharp.torch;

/// <summary>What tells one model's weights from another's.</summary>
public static class FingerprintExtensions
{
    private const int SamplesPerTensor = 64;

    /// <summary>Sixteen hexadecimal digits made from all weights' names and shapes and from up to 64 evenly spaced values of each.</summary>
    /// <remarks>
    /// Values enter rounded to bfloat16, so that a model has the same fingerprint in float64, float32 and bfloat16 (float16 rounds otherwise).
    /// Processed weights are others than raw ones: their activations differ. What is spliced into a model does not count.
    /// </remarks>
    /// <param name="model">The model.</param>
    public static string Fingerprint(this HookedTransformer model)
    {
        ArgumentNullException.ThrowIfNull(model);
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var (name, weight) in model.Weights.Tensors())
        {
            hash.AppendData(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{name} [{string.Join(", ", weight.shape)}]\n")));
            hash.AppendData(MemoryMarshal.AsBytes<float>(Samples(weight)));
        }
        return Convert.ToHexStringLower(hash.GetHashAndReset())[..16];
    }

    private static float[] Samples(Tensor weight)
    {
        using var scope = NewDisposeScope();
        var count = weight.numel();
        if (count == 0)
            return [];
        var places = Enumerable.Range(0, (int)Math.Min(count, SamplesPerTensor)).Select(i => i * count / Math.Min(count, SamplesPerTensor)).ToArray();
        var flat = weight.detach().reshape(-1).index_select(0, tensor(places, device: weight.device));
        return flat.to(ScalarType.BFloat16).to(ScalarType.Float32).cpu().data<float>().ToArray();
    }
}
