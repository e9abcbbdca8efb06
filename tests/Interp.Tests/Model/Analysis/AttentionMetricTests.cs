namespace Interp.Tests.Model.Analysis;

using Interp.Tests.Support;
using Shouldly;
using TorchSharp;
using Xunit;
using static Interp.Sites;
using static TorchSharp.torch;

/// <summary>Numbers of attention patterns and residual streams against plain loops.</summary>
[Trait("Tier", "model")]
public sealed class AttentionMetricTests
{
    [Theory]
    [InlineData(PaddingSide.Right)]
    [InlineData(PaddingSide.Left)]
    public void Metrics_PaddedPrompts_AreMeansOverRealQueries(PaddingSide side)
    {
        using var model = TinyModel.Random(TinyModel.Gpt2);
        using var run = Ran(model, side);
        var maps = Maps(run, 1, 2);
        var queries = maps.SelectMany(m => Enumerable.Range(0, m.GetLength(0)).Select(q => (Map: m, Query: q))).ToArray();
        double Mean(Func<double[,], int, double> metric) => queries.Average(p => metric(p.Map, p.Query));
        double Sum(int query, Func<int, double> term) => Enumerable.Range(0, query + 1).Sum(term);

        run.Cache.AttentionEntropy()[1, 2].ShouldBe(Mean((m, q) => -Sum(q, k => m[q, k] * Math.Log(m[q, k]))), 1e-12);
        run.Cache.AttentionConcentration()[1, 2].ShouldBe(Mean((m, q) => Sum(q, k => m[q, k] * m[q, k])), 1e-12);
        run.Cache.AttentionDistance()[1, 2].ShouldBe(Mean((m, q) => Sum(q, k => m[q, k] * (q - k))), 1e-12);
        run.Cache.SinkShare()[1, 2].ShouldBe(queries.Where(p => p.Query > 0).Average(p => p.Map[p.Query, 0]), 1e-12);

        var offset = side == PaddingSide.Left ? 2 : 0; // the first prompt is two tokens shorter
        var windowed = run.Cache.WindowedAttentionDistance(1);
        windowed[1, 2, 0, 2 + offset].ShouldBe(Sum(2, k => maps[0][2, k] * Math.Min(2 - k, 1)), 1e-12);
        double.IsNaN(windowed[1, 2, 0, side == PaddingSide.Left ? 0 : 4]).ShouldBeTrue();
        var influence = run.Cache.FutureAttentionInfluence(1, 2);
        influence[1, 2, 0, 1 + offset].ShouldBe(maps[0][2, 1], 1e-12); // the only query behind it
        influence[1, 2, 1, 1].ShouldBe((maps[1][2, 1] + maps[1][3, 1]) / 2, 1e-12);
        double.IsNaN(influence[1, 2, 0, 2 + offset]).ShouldBeTrue();
    }

    [Fact]
    public void SpanShares_AtTheLastToken_AddUpOverSpans()
    {
        using var model = TinyModel.Random(TinyModel.Gpt2);
        using var run = Ran(model, PaddingSide.Right);
        var maps = Maps(run, 2, 0);
        var shares = run.Cache.SpanShares([("first", 0), ("rest", 1..), ("last", Position.Last)], Position.Last);
        shares.AxisOf("span").Labels.ShouldBe(["first", "rest", "last"]);
        shares[2, 0, 0].ShouldBe((maps[0][2, 0] + maps[1][4, 0]) / 2, 1e-12);
        shares[2, 0, 2].ShouldBe((maps[0][2, 2] + maps[1][4, 4]) / 2, 1e-12);
        (shares[2, 0, 0] + shares[2, 0, 1]).ShouldBe(1, 1e-12);
        Should.Throw<KeyNotFoundException>(() => run.Cache.SpanShares([("name", Position.Role("name"))])).Message.ShouldContain("no role 'name'");
        Should.Throw<ArgumentException>(() => run.Cache.SpanShares([])).Message.ShouldContain("no span");
    }

    [Fact]
    public void HeadsByDistance_AndTheirMeanPattern_AreTheNearestAndFarthest()
    {
        using var scope = NewDisposeScope();
        using var model = TinyModel.Random(TinyModel.Gpt2);
        using var run = model.On(TinyModel.Tokens(model.Config, 1, 9, 0)).Capture(Pattern).Run();
        var distances = run.Cache.AttentionDistance();
        var (local, far) = run.Cache.HeadsByDistance(0.25);
        (local.Count, far.Count).ShouldBe((3, 3));
        local.Max(h => distances[h.Layer, h.Head]).ShouldBeLessThan(far.Min(h => distances[h.Layer, h.Head]));
        distances[local[0].Layer, local[0].Head].ShouldBe(distances.Min());
        distances[far[^1].Layer, far[^1].Head].ShouldBe(distances.Max());
        var mean = run.Cache.MeanPattern(local);
        var wanted = local.Select(h => run.Cache["pattern", h.Layer][.., h.Head]).Aggregate((a, b) => a + b) / 3;
        (mean - wanted).abs().max().ToDouble().ShouldBeLessThan(1e-12);
        Should.Throw<ArgumentOutOfRangeException>(() => run.Cache.HeadsByDistance(0.6)).Message.ShouldContain("0.6");
        Should.Throw<ArgumentException>(() => run.Cache.MeanPattern([])).Message.ShouldContain("no head");
    }

    [Fact]
    public void AttentionRollout_OfARun_HasRowsThatSumToOne()
    {
        using var model = TinyModel.Random(TinyModel.Gpt2);
        using var run = Ran(model, PaddingSide.Right);
        var rolled = run.Cache.AttentionRollout(1);
        rolled.Shape.ShouldBe([3, 5, 5]);
        rolled.Sum("key").Values.ToArray().ShouldAllBe(v => Math.Abs(v - 1) < 1e-12);
        var first = Enumerable.Range(0, 4).Average(h => Maps(run, 0, h)[1][3, 2]);
        rolled[0, 3, 2].ShouldBe(first / 2, 1e-12);
        Should.Throw<ArgumentOutOfRangeException>(() => run.Cache.AttentionRollout(2));
    }

    [Fact]
    public void EffectiveRankAndSimilarity_OfPlantedStreams_AreClosedForms()
    {
        using var scope = NewDisposeScope();
        using var model = TinyModel.Random(TinyModel.Gpt2);
        var line = ones(2, 5, 16, dtype: ScalarType.Float64) * arange(1, 6, dtype: ScalarType.Float64).view(1, 5, 1);
        var axes = eye(16, dtype: ScalarType.Float64).narrow(0, 0, 5).unsqueeze(0).repeat(2, 1, 1);
        using var run = model.On(RunInput.Of([[1, 2, 3], [4, 5, 6, 7, 8]])).Replace(ResidPost[0], line).Replace(ResidPost[1], axes).Capture(ResidPost).Run();
        var (rank, alike) = (run.Cache.EffectiveRank(ResidPost), run.Cache.TokenSimilarity(ResidPost));
        rank.Shape.ShouldBe([3, 2]);
        rank[0, 1].ShouldBe(1, 1e-6);
        rank[1, 0].ShouldBe(3, 1e-9);
        rank[1, 1].ShouldBe(5, 1e-9);
        alike[0, 0].ShouldBe(1, 1e-9);
        alike[1, 1].ShouldBe(0, 1e-9);
        Should.Throw<ArgumentException>(() => run.Cache.EffectiveRank(Pattern)).Message.ShouldContain("axes");
        Should.Throw<KeyNotFoundException>(() => run.Cache.TokenSimilarity(ResidPre)).Message.ShouldContain("not captured");
    }

    [Fact]
    public void MassiveActivations_Planted_AreFoundOnRealTokensAlone()
    {
        using var scope = NewDisposeScope();
        using var model = TinyModel.Random(TinyModel.Gpt2);
        using var run = model.On(RunInput.Of([[1, 2, 3], [4, 5, 6, 7, 8]]))
            .Apply(ResidPost[1], x =>
            {
                var planted = x.clone();
                planted[0, 1, 7] = 5e4;
                planted[0, 4, 3] = 9e4; // padding
                return planted;
            })
            .Capture(ResidPost[..2]).Run();
        var found = run.Cache.MassiveActivations(ResidPost);
        found.Count.ShouldBe(1);
        (found[0].Name.Layer, found[0].Prompt, found[0].Position, found[0].Dimension, found[0].Value).ShouldBe((1, 0, 1, 7, 5e4));
        found[0].ToString().ShouldContain("dimension 7");
        run.Cache.MassiveActivations(ResidPost, ratio: 1e7).ShouldBeEmpty();
    }

    [Theory]
    [InlineData("gpt2")]
    [InlineData("llama")]
    [InlineData("qknorm")]
    public void UniformAttention_OfSomeHeads_GivesEvenRows(string name)
    {
        using var model = TinyModel.Random(name switch { "gpt2" => TinyModel.Gpt2, _ => TinyModel.Llama with { QueryKeyNorm = name == "qknorm" } }, dtype: ScalarType.Float32);
        var input = TinyModel.Tokens(model.Config, 2, 9, 0);
        using var run = model.On(input).UniformAttention(1, 2).Capture(Pattern).Run();
        using var plain = model.On(input).Capture(Pattern).Run();
        var worst = 0d;
        for (var query = 0; query < 9; query++)
            for (var key = 0; key <= query; key++)
                worst = Math.Max(worst, Math.Abs(run.Cache["pattern", 1][0, 2, query, key].ToDouble() - 1.0 / (query + 1)));
        Interp.Evidence.Record("uniform-pattern", worst < 1e-4, $"{name}: at most {Interp.Evidence.Text(worst)}");
        worst.ShouldBeLessThan(1e-4);
        run.Cache["pattern", 1][.., 1].Equals(plain.Cache["pattern", 1][.., 1]).ShouldBeTrue();
        var rotaryless = TinyModel.Gpt2 with { QueryKeyNorm = true };
        using var refused = rotaryless.Initialise(0);
        Should.Throw<NotSupportedException>(() => refused.On([1, 2]).UniformAttention(0)).Message.ShouldContain("normalises");
    }

    [Fact]
    public void Metrics_Taken_LeaveNoTensor() => LiveTensors.ShouldStayEqual(() =>
    {
        using var model = TinyModel.Random(TinyModel.Gpt2);
        using var run = model.On(RunInput.Of([[1, 2, 3], [4, 5, 6, 7, 8]])).Capture(Pattern, ResidPost).Run();
        run.Cache.AttentionEntropy();
        run.Cache.SinkShare();
        run.Cache.SpanShares([("first", 0)]);
        run.Cache.FutureAttentionInfluence(1, 2);
        run.Cache.AttentionRollout();
        run.Cache.EffectiveRank(ResidPost);
        run.Cache.MassiveActivations(ResidPost);
        run.Cache.MeanPattern([(0, 0), (1, 2)]).Dispose();
    });

    private static Run Ran(HookedTransformer model, PaddingSide side) => model.On(RunInput.Of([[1, 2, 3], [4, 5, 6, 7, 8]], side)).Capture(Pattern).Run();

    // A head's map of each prompt, without padding.
    private static double[][,] Maps(Run run, int layer, int head)
    {
        using var scope = NewDisposeScope();
        var pattern = run.Cache["pattern", layer];
        return [.. run.Input.Rows.Select((row, prompt) =>
        {
            var offset = run.Input.Side == PaddingSide.Left ? 5 - row.Length : 0;
            var map = new double[row.Length, row.Length];
            for (var query = 0; query < row.Length; query++)
                for (var key = 0; key < row.Length; key++)
                    map[query, key] = pattern[prompt, head, query + offset, key + offset].ToDouble();
            return map;
        })];
    }
}
