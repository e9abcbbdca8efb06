namespace Interp.Micro;

using BenchmarkDotNet.Attributes;
using static TorchSharp.torch;

/// <summary>Sparse dictionaries: a step of training, and encoding and decoding a batch.</summary>
public class DictionaryBenchmarks
{
    private static readonly DictionaryConfig Config = new() { DIn = 128, Width = 2048, Activation = LatentActivation.TopK(16) };
    private static readonly DictionaryTrainingOptions Options =
        DictionaryTrainingOptions.Like(DictionaryRecipe.Gao2024, Config.Activation) with { Steps = 1_000_000, BatchRows = 512, StartAtMedian = false };

    private SparseDictionary dictionary = null!;
    private DictionaryTrainer trainer = null!;
    private Tensor batch = null!;

    [GlobalSetup]
    public void Prepare()
    {
        using var features = SyntheticFeatures.Random(512, Config.DIn, 0.01, seed: 4);
        batch = features.Sample(Options.BatchRows);
        dictionary = SparseDictionary.Initialise(Config, 0, Options.Recipe);
        trainer = new DictionaryTrainer(dictionary, Options);
    }

    [GlobalCleanup]
    public void Dispose()
    {
        trainer.Dispose();
        dictionary.Dispose();
        batch.Dispose();
    }

    [Benchmark]
    public void TopKStep() => trainer.Step(batch);

    [Benchmark]
    public void Encode() => dictionary.Encode(batch).Dispose();
}
