namespace Interp.Tests.Parity.Dictionaries;

using System.Text.Json;
using Interp.Tests.Support;
using static TorchSharp.torch;

/// <summary>One case of the stored dictionary trainings: the numbers, and how the library that made them names its tensors.</summary>
internal sealed class SaeGolden : IDisposable
{
    private readonly SafetensorsFile file;
    private readonly JsonDocument json;

    private SaeGolden(string name)
    {
        file = SafetensorsFile.Open(Repository.Shared("golden", "sae", name + ".safetensors"));
        json = JsonDocument.Parse(File.ReadAllText(Repository.Shared("golden", "sae", name + ".json")));
        Name = name;
    }

    public string Name { get; }

    public bool IsSaeLens => Name.StartsWith("saelens", StringComparison.Ordinal);

    public static SaeGolden Open(string name) => new(name);

    /// <summary>The batches, [12, 32, 16], or the test rows, [8, 16].</summary>
    public static Tensor Problem(string name, ScalarType dtype)
    {
        using var problem = SafetensorsFile.Open(Repository.Shared("golden", "sae", "_problem.safetensors"));
        return problem.Read(name, dtype);
    }

    public bool Has(string array) => file.Contains(array);

    public double[] Values(string array) => file.Entry(array).Type switch
    {
        SafetensorsType.Float64 or SafetensorsType.Float32 => file.ReadDoubles(array),
        SafetensorsType.Bool => [.. file.ReadBytes(array).Select(b => (double)b)],
        _ => [.. file.ReadLongs(array).Select(v => (double)v)],
    };

    public Tensor Read(string array, ScalarType? dtype = null) => file.Read(array, dtype);

    /// <summary>A setting of the case's JSON; null where there is none.</summary>
    public double? Setting(string name)
    {
        foreach (var section in new[] { "sae_config", "trainer_config", "hyperparameters" })
            if (json.RootElement.TryGetProperty(section, out var settings) && settings.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number)
                return value.GetDouble();
        return null;
    }

    /// <summary>Whether a text stands in the JSON's settings.</summary>
    public bool Says(string text) => json.RootElement.GetRawText().Contains(text, StringComparison.Ordinal);

    /// <summary>The library's tensor of one of our weights under a prefix, in our orientation; null where there is none.</summary>
    public Tensor? Weight(string prefix, string ours, ScalarType? dtype = null)
    {
        foreach (var (name, transposed) in Candidates(ours))
            if (file.Contains($"{prefix}/{name}"))
            {
                var tensor = file.Read($"{prefix}/{name}", dtype);
                return transposed ? tensor.t().contiguous() : tensor;
            }
        return null;
    }

    /// <summary>All weights under a prefix.</summary>
    public DictionaryWeights Weights(string prefix, LatentActivation activation, ScalarType dtype) => new()
    {
        Encoder = Kept(prefix, "W_enc", dtype), EncoderBias = Kept(prefix, "b_enc", dtype), Decoder = Kept(prefix, "W_dec", dtype),
        DecoderBias = Kept(prefix, "b_dec", dtype),
        Skip = Weight(prefix, "W_skip", dtype)?.DetachFromDisposeScope(),
        Latent = activation.OwnWeights.ToDictionary(name => name, name => Kept(prefix, name, dtype)),
    };

    public void Dispose()
    {
        file.Dispose();
        json.Dispose();
    }

    private Tensor Kept(string prefix, string ours, ScalarType dtype) => Weight(prefix, ours, dtype)!.DetachFromDisposeScope();

    private static IEnumerable<(string Name, bool Transposed)> Candidates(string ours) => ours switch
    {
        "W_enc" => [("W_enc", false), ("encoder.weight", true)],
        "b_enc" => [("b_enc", false), ("encoder.bias", false), ("b_gate", false), ("gate_bias", false)],
        "W_dec" => [("W_dec", false), ("decoder.weight", true)],
        "b_dec" => [("b_dec", false), ("bias", false), ("decoder_bias", false)],
        "b_mag" => [("b_mag", false), ("mag_bias", false)],
        "W_skip" => [("W_skip", true)],
        _ => [(ours, false)],
    };
}
