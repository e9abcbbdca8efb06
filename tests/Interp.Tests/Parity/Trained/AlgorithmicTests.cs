namespace Interp.Tests.Parity.Trained;

using Interp.Tests.Support;
using Shouldly;
using Xunit;
using static TorchSharp.torch;

/// <summary>Small models that were trained on tasks whose every answer is known.</summary>
[Trait("Tier", "parity")]
public sealed class AlgorithmicTests
{
    [SkippableFact]
    public void Predict_ModularAddition_IsRightOnEveryPair()
    {
        var inputs = Enumerable.Range(0, 113 * 113).Select(i => new[] { i / 113, i % 113, 113 }).ToArray();
        var right = Right("modadd113-seed2", inputs, r => (r[0] + r[1]) % 113);
        Evidence.Record("modadd113", right == 12_769, $"{right:N0} of 12,769");
        right.ShouldBe(12_769);
    }

    [SkippableFact]
    public void Predict_MaxOfTwo_IsRightOnEveryPair()
    {
        var right = Right("max-of-two-trained", Enumerable.Range(0, 4096).Select(i => new[] { i / 64, i % 64 }).ToArray(), r => r.Max());
        Evidence.Record("max-of-two", right == 4096, $"{right:N0} of 4,096");
        right.ShouldBe(4096);
    }

    [SkippableFact]
    public void Predict_ModularAdditionByClock_IsRightOnEveryPair() =>
        Right("modadd59-clock-l8k1hzciux", Enumerable.Range(0, 59 * 59).Select(i => new[] { i / 59, i % 59 }).ToArray(), r => (r[0] + r[1]) % 59).ShouldBe(59 * 59);

    // Eight random letters of which the last occurred exactly once before, at positions 0 to 5: predict what followed it.
    [SkippableFact]
    public void Predict_InductionCases_AreRightAsOftenAsItsNoteSays()
    {
        const int Cases = 20_000;
        var random = new Random(0);
        var inputs = new int[Cases][];
        for (var i = 0; i < Cases; i++)
        {
            var last = random.Next(26);
            var row = Enumerable.Range(0, 8).Select(_ => Other(random, last)).ToArray();
            row[random.Next(6)] = last;
            row[7] = last;
            inputs[i] = row;
        }
        var share = (double)Right("induction-2l-attn-only-trained", inputs, r => r[Array.IndexOf(r, r[7]) + 1]) / Cases;
        Evidence.Record("induction-2l", share >= 0.975, $"{share:P1} of {Cases:N0}");
        share.ShouldBeGreaterThanOrEqualTo(0.975);
    }

    private static int Other(Random random, int letter)
    {
        var drawn = random.Next(25);
        return drawn < letter ? drawn : drawn + 1;
    }

    private static int Right(string name, int[][] inputs, Func<int[], int> answer)
    {
        using var model = Models.Load(Repository.Shared("models", name));
        var right = 0;
        foreach (var chunk in inputs.Chunk(4096))
        {
            using var scope = NewDisposeScope();
            var predicted = model.On(chunk.Select(r => (IReadOnlyList<int>)r)).LogitsAt(Position.Last).Logits().argmax(-1).flatten().data<long>().ToArray();
            right += chunk.Zip(predicted).Count(p => answer(p.First) == p.Second);
        }
        return right;
    }
}
