namespace Interp.Tests.Parity.Trained;

using Interp.Tests.Support;
using Shouldly;
using Xunit;
using static Interp.Sites;
using static TorchSharp.torch;
using Unit = Interp.Unit;

/// <summary>minGPT trained to sort six letters out of three, with activations from another implementation (bbycroft/llm-viz).</summary>
[Trait("Tier", "parity")]
public sealed class NanoSortTests
{
    [SkippableFact]
    public void Capture_ReferenceBatch_EqualsTheActivationsThatCameWithTheModel()
    {
        using var model = Models.Load(Repository.Shared("models", "nano-sort-gpt2"));
        using var file = SafetensorsFile.Open(Repository.Shared("models", "nano-sort-gpt2", "reference_activations.safetensors"));
        var tokens = file.ReadFloats("idx").Select(v => (int)v).Chunk(11).ToArray();
        using var run = model.On(tokens).CaptureAll().Run();
        using var scope = NewDisposeScope();
        var compare = new GoldenCompare("nano-sort-gpt2", ScalarType.Float32);
        void Add(string name, Tensor ours) => compare.Add(name, GoldenCompare.Doubles(ours), file.ReadFloats(name).Select(v => (double)v).ToArray(), 1e-5);
        Tensor At(Unit unit) => run[unit];
        Add("tok_emb", At(Embed));
        Add("pos_emb", At(PosEmbed).narrow(0, 0, 1));
        Add("x", At(ResidPre[0]));
        Add("ln1", At(Ln1Normalized[0]));
        Add("q", At(Q[0]).transpose(1, 2));
        Add("k", At(K[0]).transpose(1, 2));
        Add("v", At(V[0]).transpose(1, 2));
        Add("att", At(AttnScores[0]));
        Add("attSm", At(Pattern[0]));
        Add("y", At(Z[0]).flatten(2));
        Add("yProj", At(AttnOut[0]));
        Add("attnResid", At(ResidMid[0]));
        Add("ln2", At(Ln2Normalized[0]));
        Add("fc", At(MlpPre[0]));
        Add("gelu", At(MlpPost[0]));
        Add("mlp", At(MlpOut[0]));
        Add("mlpResid", At(ResidPost[0]));
        Add("block0", At(ResidPost[0]));
        Add("block1", At(ResidPost[1]));
        Add("block2", At(ResidPost[2]));
        Add("ln_f", At(FinalNormalized));
        Add("lm_head", run.Logits);
        Add("probs", run.Logits.softmax(-1));
        Evidence.Record("nano-sort-activations", compare.Holds, compare.Figure);
        compare.ShouldHold(23);
    }

    [SkippableFact]
    public void GenerateTokens_Every729Inputs_AreSorted()
    {
        using var model = Models.Load(Repository.Shared("models", "nano-sort-gpt2"));
        var inputs = Enumerable.Range(0, 729).Select(i => Enumerable.Range(0, 6).Select(d => i / (int)Math.Pow(3, d) % 3).ToArray()).ToArray();
        var outputs = model.On(inputs.Select(r => (IReadOnlyList<int>)r)).GenerateTokens(6);
        var sorted = inputs.Zip(outputs).Count(p => p.Second.SequenceEqual(p.First.Order()));
        Evidence.Record("nano-sort-inputs", sorted == 729, $"{sorted} of 729");
        sorted.ShouldBe(729);
    }
}
