namespace Interp.Benchmarks;

/// <summary>A model of GPT-2 small's shape with random weights, and random tokens for it.</summary>
internal static class SmallGpt
{
    public static TransformerConfig Config { get; } = new()
    {
        ModelName = "gpt2-small-shape", Layers = 12, DModel = 768, Heads = 12, DHead = 64, DMlp = 3072, DVocab = 50257, Context = 1024,
        Activation = Activation.GeluTanh,
    };

    /// <summary>Floating-point operations of the blocks' matrices for one token: two for each weight.</summary>
    public static double BlockFlops => 2.0 * Config.Layers * (4.0 * Config.DModel * Config.DModel + 2.0 * Config.DModel * Config.DMlp);

    /// <summary>Floating-point operations of the unembedding for one token.</summary>
    public static double UnembeddingFlops => 2.0 * Config.DModel * Config.DVocab;

    public static HookedTransformer Model() => Config.Initialise(seed: 0);

    public static RunInput Tokens(int batch, int length, int seed)
    {
        var random = new Random(seed);
        return RunInput.Of(Enumerable.Range(0, batch).Select(_ => Enumerable.Range(0, length).Select(_ => random.Next(Config.DVocab)).ToArray()));
    }
}
