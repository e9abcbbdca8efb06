namespace Interp.Micro;

using static Interp.Sites;

/// <summary>A model of GPT-2's architecture that is small enough for a benchmark to take milliseconds, and prompts for it.</summary>
internal static class SmallModel
{
    public const int Prompts = 8;
    public const int Positions = 15;

    public static TransformerConfig Config { get; } = new()
    {
        ModelName = "gpt2-micro", Layers = 4, DModel = 128, Heads = 4, DHead = 32, DMlp = 512, DVocab = 1000, Context = 128,
        Activation = Activation.GeluTanh,
    };

    public static HookedTransformer Create() => Config.Initialise(seed: 0);

    public static RunInput Tokens(int batch, int length, int seed)
    {
        var random = new Random(seed);
        return RunInput.Of(Enumerable.Range(0, batch).Select(_ => Enumerable.Range(0, length).Select(_ => random.Next(Config.DVocab)).ToArray()));
    }

    /// <summary>Prompts that differ from their corruptions at every position.</summary>
    public static Contrast Study(HookedTransformer model)
    {
        var answers = Tokens(Prompts, 2, seed: 3);
        return model.Contrast(
            Tokens(Prompts, Positions, seed: 1), Tokens(Prompts, Positions, seed: 2),
            Metric.LogitDifference([.. answers.Rows.Select(r => r[0])], [.. answers.Rows.Select(r => r[1])]));
    }

    /// <summary>A run with every residual stream captured, which the caller disposes.</summary>
    public static Run Captured(HookedTransformer model) => model.On(Tokens(Prompts, Positions, seed: 1)).Capture(ResidPre, ResidPost).Run();
}
