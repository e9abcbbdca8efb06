namespace Interp.Benchmarks;

using TorchSharp;
using static Interp.Sites;
using static TorchSharp.torch;

/// <summary>The pieces of work that <c>benchmarks/peers/peer.py</c> names, by this library; each is prepared when it is first asked for.</summary>
internal sealed class PeerWorks : IDisposable
{
    private static readonly int[] Swept = [0, 5, 10];
    private static readonly DictionaryConfig Dictionary = new() { DIn = 768, Width = 24_576, Activation = LatentActivation.TopK(32) };
    private static readonly DictionaryTrainingOptions Training =
        DictionaryTrainingOptions.Like(DictionaryRecipe.Gao2024, Dictionary.Activation) with { Steps = 1000, BatchRows = 2048, LearningRate = 2e-4, StartAtMedian = false };

    private readonly DisposeScope scope = NewDisposeScope();
    private readonly HookedTransformer model = SmallGpt.Model();
    private readonly Lazy<Contrast> study;
    private readonly Lazy<Run> captured;
    private readonly Lazy<(SparseDictionary Dictionary, DictionaryTrainer Trainer, Tensor Batch)> step;

    public PeerWorks()
    {
        study = new(Study);
        captured = new(() => model.On(SmallGpt.Tokens(8, 15, seed: 1)).Capture(ResidPre, ResidPost[^1]).Run());
        step = new(() =>
        {
            using var features = SyntheticFeatures.Random(4096, Dictionary.DIn, 0.01, seed: 4);
            var dictionary = SparseDictionary.Initialise(Dictionary, 0, Training.Recipe);
            return (dictionary, new DictionaryTrainer(dictionary, Training), features.Sample(Training.BatchRows));
        });
    }

    /// <summary>Name, rounds, and what is timed.</summary>
    public IEnumerable<(string Name, int Rounds, Action Action)> All =>
    [
        ("forward 8x64", 7, () => model.On(SmallGpt.Tokens(8, 64, seed: 0)).Logits().Dispose()),
        ("forward 1x64", 21, () => model.On(SmallGpt.Tokens(1, 64, seed: 0)).Logits().Dispose()),
        ("capture streams 8x64", 7, () => model.On(SmallGpt.Tokens(8, 64, seed: 0)).Capture(ResidPre, ResidPost).Run().Dispose()),
        ("sweep stream 45 patches, a forward each", 1, Sweep),
        ("sweep stream 45 patches, batched by hand", 3, Sweep),
        ("attribution 144 heads 8x15", 7, () => study.Value.Attribute(Z.ByHead())),
        ("logit lens 13 streams 8x15", 3, () => captured.Value.LogitLens().Dispose()),
        ("generate 32 tokens after 16", 3, () => model.On(SmallGpt.Tokens(1, 16, seed: 0)).GenerateTokens(32)),
        ("TopK step 2048x768x24576", 3, () => step.Value.Trainer.Step(step.Value.Batch)),
    ];

    public void Dispose()
    {
        if (captured.IsValueCreated)
            captured.Value.Dispose();
        if (step.IsValueCreated)
        {
            step.Value.Trainer.Dispose();
            step.Value.Dictionary.Dispose();
        }
        model.Dispose();
        scope.Dispose();
    }

    // One plan, whatever a peer does by hand.
    private void Sweep() => study.Value.Patch([.. Swept.Select(layer => ResidPre[layer].ByPosition())]);

    private Contrast Study()
    {
        var answers = SmallGpt.Tokens(8, 2, seed: 3);
        return model.Contrast(
            SmallGpt.Tokens(8, 15, seed: 1), SmallGpt.Tokens(8, 15, seed: 2),
            Metric.LogitDifference([.. answers.Rows.Select(r => r[0])], [.. answers.Rows.Select(r => r[1])]));
    }
}
