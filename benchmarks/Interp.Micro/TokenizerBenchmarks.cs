namespace Interp.Micro;

using BenchmarkDotNet.Attributes;

/// <summary>A byte-level tokenizer learned from sentences of the small world: encoding, decoding, reading its file.</summary>
public class TokenizerBenchmarks
{
    private string json = "";
    private string text = "";
    private int[] ids = [];
    private ITokenizer tokenizer = null!;

    [GlobalSetup]
    public void Prepare()
    {
        var random = new Random(0);
        json = new BpeTrainer { VocabularySize = 800 }.Train(Enumerable.Range(0, 200).Select(_ => World.Document(random, 8)));
        tokenizer = Tokenizers.Parse(json);
        text = string.Join("\n", Enumerable.Range(0, 100).Select(_ => World.Document(random, 8)));
        ids = [.. tokenizer.Ids(text)];
    }

    [Benchmark]
    public IReadOnlyList<int> Encode() => tokenizer.Ids(text);

    [Benchmark]
    public string Decode() => tokenizer.Decode(ids);

    [Benchmark]
    public ITokenizer Parse() => Tokenizers.Parse(json);
}
