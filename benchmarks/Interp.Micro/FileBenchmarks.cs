namespace Interp.Micro;

using BenchmarkDotNet.Attributes;

/// <summary>Loading: the bundled model, and a file of weights from the page cache.</summary>
public class FileBenchmarks
{
    private string folder = "";
    private string weights = "";

    [GlobalSetup]
    public void Prepare()
    {
        folder = Directory.CreateTempSubdirectory("interp-micro-").FullName;
        weights = Path.Combine(folder, "model.safetensors");
        using var model = SmallModel.Create();
        model.Save(weights);
    }

    [GlobalCleanup]
    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Benchmark]
    public void LoadBundled() => Models.Load("induction-2l").Dispose();

    [Benchmark]
    public void LoadFile() => Models.Load(weights).Dispose();
}
