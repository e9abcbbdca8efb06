namespace Interp.Tests.Support;

using Shouldly;
using static TorchSharp.torch;

/// <summary>One file of the golden numbers for circuit discovery, with the model it is of; every array is to be compared or named.</summary>
/// <remarks>
/// Keys and values are per query head there: the grouped model is taken apart. The files work in the noising direction for +metric;
/// EAP-IG divides by the batch size once more than its formula says, so that ours are -4 times its attribution scores.
/// </remarks>
internal sealed class CircuitGolden : IDisposable
{
    /// <summary>The prompts of every file.</summary>
    public const int Batch = 4;

    private readonly SafetensorsFile prompts;
    private readonly HashSet<string> seen = [];
    private readonly ScalarType dtype;

    public CircuitGolden(string model, string part, ScalarType dtype, bool processed = false)
    {
        (Name, Part, this.dtype) = (model, part, dtype);
        prompts = SafetensorsFile.Open(Repository.Shared("golden", "circuits", $"{model}.eap.safetensors"));
        File = SafetensorsFile.Open(Repository.Shared("golden", "circuits", $"{model}.{part}.safetensors"));
        var loaded = GoldenModel.Load(model, processed, dtype);
        if (loaded.Config.KvHeads == loaded.Config.Heads)
            Model = loaded;
        else
            using (loaded)
                Model = loaded.Ungrouped();
        Study = Contrast(Model);
        Compare = new GoldenCompare($"{model} {part} {dtype.ToString().ToLowerInvariant()}", dtype);
    }

    public string Name { get; }

    public string Part { get; }

    public SafetensorsFile File { get; }

    public HookedTransformer Model { get; }

    /// <summary>The file's prompts and metric, noising.</summary>
    public Contrast Study { get; }

    public GoldenCompare Compare { get; }

    /// <summary>What scores must keep to: of the largest in the table.</summary>
    public double Tolerance => dtype == ScalarType.Float64 ? 1e-10 : 3e-5;

    /// <summary>The file's contrast on another copy of the model.</summary>
    public Contrast Contrast(HookedTransformer model)
    {
        var answers = prompts.ReadLongs("answers");
        int[] Column(int column) => [.. Enumerable.Range(0, Batch).Select(i => (int)answers[2 * i + column])];
        RunInput Rows(string name) => RunInput.Of(prompts.ReadLongs(name).Chunk((int)prompts.Entry(name).Shape[1]).Select(r => r.Select(t => (int)t).ToArray()));
        return model.Contrast(Rows("tokens_clean"), Rows("tokens_corrupt"), Metric.LogitDifference(Column(0), Column(1))).Noising();
    }

    /// <summary>Compares numbers with an array; what is stored is multiplied by a factor first.</summary>
    public void Add(string array, IEnumerable<double> ours, double factor = 1, double? tolerance = null, double? scale = null)
    {
        seen.Add(array).ShouldBeTrue(array);
        double[] stored = [.. File.ReadDoubles(array).Select(v => v * factor)];
        Compare.Add(array, ours.ToArray(), stored, tolerance ?? Tolerance, scale);
    }

    /// <summary>Compares truth values with an array.</summary>
    public void Add(string array, IEnumerable<bool> ours)
    {
        seen.Add(array).ShouldBeTrue(array);
        Compare.Add(array, ours.Select(b => b ? 1.0 : 0.0).ToArray(), File.ReadBytes(array).Select(b => b != 0 ? 1.0 : 0.0).ToArray(), 0);
    }

    /// <summary>Compares whole numbers with an array.</summary>
    public void Add(string array, IEnumerable<long> ours)
    {
        seen.Add(array).ShouldBeTrue(array);
        Compare.Add(array, ours.Select(i => (double)i).ToArray(), File.ReadLongs(array).Select(i => (double)i).ToArray(), 0);
    }

    /// <summary>Names an array that is not compared.</summary>
    public void Leave(string array, string why)
    {
        why.ShouldNotBeEmpty();
        seen.Add(array).ShouldBeTrue(array);
        File.Names.ShouldContain(array);
    }

    /// <summary>Fails unless every array of the file was compared, and agrees, or was named.</summary>
    public void ShouldBeWhole(string row)
    {
        File.Names.Except(seen).ShouldBeEmpty($"{Name}.{Part}: arrays that nothing reads");
        Evidence.Record(row, Compare.Holds, Compare.Figure);
        Compare.ShouldHold(Compare.Count);
    }

    public static bool[] Mask(Circuit circuit) => EachPair(circuit.Graph, circuit.Contains);

    public static bool[] EachPair(CircuitGraph graph, Func<int, int, bool> holds) =>
        [.. Enumerable.Range(0, graph.Sources.Length).SelectMany(s => Enumerable.Range(0, graph.Targets.Length).Select(t => holds(s, t)))];

    public void Dispose()
    {
        prompts.Dispose();
        File.Dispose();
        Model.Dispose();
    }
}
