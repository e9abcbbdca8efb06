namespace Interp;

using TorchSharp;
using static Interp.Sites;
using static TorchSharp.torch;

/// <summary>Proof that a model computes what it should.</summary>
public static class VerificationExtensions
{
    /// <summary>Compares a model with itself: what is added to the stream adds up to it, patterns are distributions that see no future, logits are the unembedding's image of its input.</summary>
    /// <param name="model">The model.</param>
    /// <param name="input">The tokens to run; null for two rows of seeded ones.</param>
    /// <param name="tolerance">The largest difference allowed, as a share of each array's largest magnitude; null for what the model's type can hold.</param>
    public static Verification Verify(this HookedTransformer model, RunInput? input = null, double? tolerance = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        using var noGradient = no_grad();
        using var scope = NewDisposeScope();
        var allowed = tolerance ?? Tolerance(model.Weights.Embedding.dtype);
        using var run = model.On(input ?? SeededInput(model.Config)).Capture(SelfTest.Sites(model)).Run();
        return new Verification($"{model.Config.ModelName} with itself", allowed, [.. SelfTest.Checks(model, run, allowed)]);
    }

    /// <summary>Compares a model with a file of activations that <c>eng/make-reference.py</c> made from <c>transformers</c>, or <see cref="SaveReference"/> from another model.</summary>
    /// <param name="model">The model.</param>
    /// <param name="reference">A safetensors file: <c>tokens</c> [batch, pos], and arrays under the names of hook points, <c>logits</c> and <c>loss</c>, any of them.</param>
    /// <param name="tolerance">The largest difference allowed, as a share of each array's largest magnitude; null for what the types of model and file can hold.</param>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">The file is damaged, is no reference, or is of a model of another shape.</exception>
    public static Verification Verify(this HookedTransformer model, string reference, double? tolerance = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        using var noGradient = no_grad();
        using var scope = NewDisposeScope();
        using var file = ReferenceFile.Open(reference, model);
        using var run = model.On(file.Input).Capture(file.Units).Run();
        var allowed = tolerance ?? Math.Max(Tolerance(model.Weights.Embedding.dtype), Tolerance(file.DType));
        return new Verification($"{model.Config.ModelName} with {file.Title}", allowed, [.. file.Checks(run, allowed)]);
    }

    /// <summary>Writes every hook point of a model, its logits and its loss as a reference for <see cref="Verify(HookedTransformer, string, double?)"/>.</summary>
    /// <param name="model">The model to compare others with.</param>
    /// <param name="path">The file; it must end in <c>.safetensors</c>.</param>
    /// <param name="input">The tokens to run, without padding; null for two rows of seeded ones.</param>
    /// <exception cref="ArgumentException">The path has another end, or the rows differ in length.</exception>
    public static void SaveReference(this HookedTransformer model, string path, RunInput? input = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        if (!path.EndsWith(".safetensors", StringComparison.Ordinal))
            throw new ArgumentException($"'{path}' does not end in .safetensors, the one format of references.", nameof(path));
        input ??= SeededInput(model.Config);
        if (input.Rows.Any(row => row.Length != input.Length))
            throw new ArgumentException("A reference has no padding: give rows of one length.", nameof(input));
        using var noGradient = no_grad();
        using var scope = NewDisposeScope();
        using var run = model.On(input).CaptureAll().Run();
        List<(string, Tensor)> arrays = [(ReferenceFile.Tokens, input.TokenTensor(CPU)), (ReferenceFile.Logits, run.Logits), (ReferenceFile.Loss, tensor(run.Loss))];
        arrays.AddRange(run.Cache.Select(pair => (pair.Key.ToString(), pair.Value)));
        Safetensors.Write(path, arrays, new Dictionary<string, string> { [ReferenceFile.Mark] = "1", ["model"] = model.Config.ModelName });
    }

    private static RunInput SeededInput(TransformerConfig config)
    {
        var random = new Random(0);
        var length = Math.Min(config.Context, 12);
        return RunInput.Of(Enumerable.Range(0, 2).Select(_ => Enumerable.Range(0, length).Select(_ => random.Next(config.DVocab)).ToArray()));
    }

    // About a hundred roundings of each type; activations of long sums lose that much in another order of summation.
    private static double Tolerance(ScalarType type) => type switch
    {
        ScalarType.Float64 => 1e-9,
        ScalarType.Float32 => 1e-4,
        ScalarType.Float16 => 2e-2,
        _ => 1e-1,
    };
}
