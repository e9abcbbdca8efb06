namespace Interp.Tests.Support;

using static TorchSharp.torch;

/// <summary>How far a result may be from the reference: max |difference| / max |stored value|, per quantity and type.</summary>
internal static class Tolerances
{
    /// <summary>An array that is all zeros in the reference must stay below this, absolutely.</summary>
    public static double Zero(ScalarType dtype) => dtype == ScalarType.Float64 ? 1e-12 : 1e-6;

    /// <summary>Activations, logits, losses, lenses, decompositions and gradients.</summary>
    public static double Activations(string model, ScalarType dtype) => dtype == ScalarType.Float64 ? Double(model) : 1e-5;

    /// <summary>
    /// Tables of patching and attribution; tables of a normalised metric by this much of the un-normalised table's scale.
    /// </summary>
    public static double Tables(string model, ScalarType dtype) => dtype == ScalarType.Float64 ? Double(model) : 3e-5;

    // The reference of these three rounded some of its constants to float32.
    private static double Double(string model) => model is "llama31" or "gemma" or "gemma2" ? 5e-6 : 2e-6;
}
