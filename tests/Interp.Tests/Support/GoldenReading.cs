namespace Interp.Tests.Support;

using System.Text.Json;
using Interp.Tests.Parity.Loading;
using Xunit;
using static TorchSharp.torch;

/// <summary>A golden model that has read its clean prompts, for the parity of what is read off and estimated.</summary>
internal sealed class GoldenReading : IDisposable
{
    private readonly string weights;

    public GoldenReading(string name, string weights, ScalarType dtype)
    {
        (this.weights, Name, Dtype) = (weights, name, dtype);
        Golden = GoldenFile.Open(name);
        Model = Load(name, weights, dtype);
    }

    private static readonly string[] Beyond =
        ["neox", "gptj", "gpt_neo", "mistral", "qwen2", "qwen3", "gemma", "gemma2", "gemma3", "phi", "phi3", "olmo", "opt", "bloom", "mixtral"];

    /// <summary>The models with stored readings, by the family they came with.</summary>
    public static TheoryData<string> Models => [.. GoldenModel.Foundation, .. Beyond];

    public string Name { get; }

    public ScalarType Dtype { get; }

    public GoldenFile Golden { get; }

    public HookedTransformer Model { get; }

    /// <summary>What the case is called in messages and on the evidence page.</summary>
    public string Title => $"{Name} {(weights == "stored" ? "processed, stored" : weights)} {Dtype.ToString().ToLowerInvariant()}";

    /// <summary>How near activations, lenses and gradients must be.</summary>
    public double Tolerance => FamilyCases.Tolerance(Name, Dtype);

    /// <summary>How near tables of attribution must be.</summary>
    public double TableTolerance => Dtype == ScalarType.Float64 ? Tolerance : Tolerances.Tables(Name, Dtype);

    /// <summary>The group of arrays of this case, such as <c>raw_lens</c>.</summary>
    public string Group(string group) => $"{(weights == "raw" ? "raw" : "proc")}_{group}";

    /// <summary>
    /// A model with its raw weights, with those this library processed, and with those TransformerLens processed and stored: these rounded to
    /// float32, hence in float32 alone.
    /// </summary>
    public static IEnumerable<GoldenReading> Variants(string name)
    {
        foreach (var dtype in new[] { ScalarType.Float64, ScalarType.Float32 })
            foreach (var weights in Kinds(name))
                if (weights != "stored" || dtype == ScalarType.Float32)
                    yield return new GoldenReading(name, weights, dtype);
    }

    /// <summary>Compares each variant of a model with the file, records one figure, and fails unless all hold.</summary>
    /// <param name="name">The model.</param>
    /// <param name="what">What is compared.</param>
    /// <param name="compare">Adds the arrays of a variant and says how many there must be.</param>
    public static void Compare(string name, string what, Func<GoldenReading, GoldenCompare, int> compare)
    {
        List<(GoldenCompare Result, int Expected, ScalarType Type)> all = [];
        foreach (var variant in Variants(name))
            using (variant)
            using (NewDisposeScope())
            {
                var result = new GoldenCompare($"{variant.Title}, {what}", variant.Dtype);
                all.Add((result, compare(variant, result), variant.Dtype));
            }
        string Worst(ScalarType type) => Evidence.Text(all.Where(a => a.Type == type).Max(a => a.Result.Worst));
        foreach (var row in new[] { Beyond.Contains(name) ? "family-tables" : "golden-tables", "readouts-golden" })
            Evidence.Record(row, all.All(a => a.Result.Holds && a.Result.Count == a.Expected),
                $"{name}: {all.Sum(a => a.Result.Count)} arrays of {what}, at most {Worst(ScalarType.Float64)} (float64) and {Worst(ScalarType.Float32)} (float32)");
        foreach (var (result, expected, _) in all)
            result.ShouldHold(expected);
    }

    /// <summary>A plan over one of the file's prompts.</summary>
    public RunPlan On(string tokens) => Model.On(Golden.Rows($"tokens/{tokens}"));

    /// <summary>TransformerLens's labels of a decomposition; null where the model has none.</summary>
    public string[]? Labels(string decomposition)
    {
        using var document = JsonDocument.Parse(File.ReadAllText(Path.Combine(GoldenModel.Folder(Name), "golden.json")));
        var labels = document.RootElement.GetProperty(weights == "raw" ? "raw" : "processed").GetProperty("labels");
        return labels.TryGetProperty(decomposition, out var found) ? [.. found.EnumerateArray().Select(l => l.GetString()!)] : null;
    }

    public void Dispose()
    {
        Model.Dispose();
        Golden.Dispose();
    }

    // The reference centres gemma2's unembedding behind a soft cap, which makes another function of it: no equality on processed weights.
    private static string[] Kinds(string name) =>
        GoldenModel.Processed.Contains(name) ? ["raw", "processed", "stored"]
        : FamilyCases.Processed.Contains(name) && name != "gemma2" ? ["raw", "processed"] : ["raw"];

    private static HookedTransformer Load(string name, string weights, ScalarType dtype)
    {
        if (weights == "stored")
            return GoldenModel.Load(name, processed: true, dtype);
        var raw = Beyond.Contains(name) ? FamilyCases.Load(name, dtype) : GoldenModel.Load(name, processed: false, dtype);
        if (weights == "raw")
            return raw;
        using (raw)
            return raw.Process(WeightProcessing.TransformerLens);
    }
}
