namespace Interp.Tests.Parity.Loading;

using Interp.Tests.Support;
using Shouldly;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

/// <summary>Padding, caches of keys and values, and generation, on models of each family.</summary>
[Trait("Tier", "parity")]
public sealed class FamilyRunTests
{
    private static readonly int[] Lengths = [11, 7, 4, 9];

    public static TheoryData<string> Families => [.. FamilyCases.All];

    [SkippableTheory]
    [MemberData(nameof(Families))]
    public void Run_PaddedOnEitherSide_LogitsOfRealTokensEqualThoseWithout(string name)
    {
        using var golden = GoldenFile.Open(name);
        using var model = FamilyCases.Load(name, ScalarType.Float64);
        var rows = golden.Rows("tokens/clean").Zip(Lengths, (row, length) => row[..length]).ToArray();
        var worst = 0d;
        foreach (var side in new[] { PaddingSide.Left, PaddingSide.Right })
        {
            using var scope = NewDisposeScope();
            var padded = model.On(RunInput.Of(rows, side)).Logits(); // [batch, pos, d_vocab]
            for (var row = 0; row < rows.Length; row++)
            {
                var start = side == PaddingSide.Left ? rows[0].Length - rows[row].Length : 0;
                worst = Math.Max(worst, Difference(padded[row].narrow(0, start, rows[row].Length), model.On(rows[row]).Logits()[0]));
            }
        }
        Record(name, "padded", worst);
    }

    [SkippableTheory]
    [MemberData(nameof(Families))]
    public void Run_InTwoPartsWithACache_LogitsEqualThoseOfOneRun(string name)
    {
        using var golden = GoldenFile.Open(name);
        using var model = FamilyCases.Load(name, ScalarType.Float64);
        var rows = golden.Rows("tokens/clean");
        using var scope = NewDisposeScope();
        var whole = model.On(rows).Logits();
        var first = name == "phi3_long" ? 9 : 5; // beyond the length at which its frequencies change
        using var past = new KeyValueCache(model);
        var head = model.On(rows.Select(row => row[..first])).After(past).Logits();
        var tail = model.On(rows.Select(row => row[first..])).After(past).Logits();
        Record(name, "in two parts", Difference(cat([head, tail], 1), whole));
    }

    [SkippableTheory]
    [MemberData(nameof(Families))]
    public void GenerateTokens_PromptsOfDifferentLength_EqualsRecomputation(string name)
    {
        using var golden = GoldenFile.Open(name);
        using var model = FamilyCases.Load(name, ScalarType.Float64);
        var rows = golden.Rows("tokens/clean").Zip(Lengths, (row, length) => row[..length]).ToArray();

        var generated = model.On(RunInput.Of(rows, PaddingSide.Left)).GenerateTokens(6);

        for (var row = 0; row < rows.Length; row++)
            generated[row].ShouldBe(Recomputed(model, rows[row], 6), $"prompt {row}");
    }

    [SkippableFact]
    public void After_TextThatOutgrowsItsFrequencies_IsRefused()
    {
        using var golden = GoldenFile.Open("phi3_long");
        using var model = FamilyCases.Load("phi3_long", ScalarType.Float64);
        var row = golden.Rows("tokens/clean")[0];
        using var past = new KeyValueCache(model);
        model.On(row[..5]).After(past).Logits().Dispose();

        Should.Throw<InvalidOperationException>(() => model.On(row[5..]).After(past).Logits()).Message.ShouldContain("first 5");
    }

    private static void Record(string name, string what, double worst)
    {
        Evidence.Record("family-runs", worst < 1e-10, $"{name}: {what}, at most {Evidence.Text(worst)}");
        worst.ShouldBeLessThan(1e-10);
    }

    private static int[] Recomputed(HookedTransformer model, int[] prompt, int count)
    {
        List<int> text = [.. prompt];
        for (var i = 0; i < count; i++)
        {
            using var scope = NewDisposeScope();
            text.Add((int)model.On([.. text]).Logits()[0, -1].argmax().to(ScalarType.Int64).ToInt64());
        }
        return [.. text[prompt.Length..]];
    }

    // Relative to the largest logit.
    private static double Difference(Tensor ours, Tensor theirs) => ((ours - theirs).abs().max() / theirs.abs().max()).ToDouble();
}
