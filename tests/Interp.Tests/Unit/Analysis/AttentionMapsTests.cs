namespace Interp.Tests.Unit.Analysis;

using Interp.Tests.Support;
using Shouldly;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

/// <summary>Numbers of hand-made attention maps against their closed forms.</summary>
[Trait("Tier", "unit")]
public sealed class AttentionMapsTests
{
    private const int Length = 12;

    public static TheoryData<string> Maps => ["diagonal", "uniform", "stripe"];

    [Theory]
    [MemberData(nameof(Maps))]
    public void DistanceAndInfluence_HandMadeMap_AreClosedForms(string name)
    {
        using var scope = NewDisposeScope();
        var map = Map(name);
        var distance = GoldenCompare.Doubles(AttentionMaps.WindowedDistance(map, 4));
        var influence = GoldenCompare.Doubles(AttentionMaps.FutureInfluence(map, 2, 5));
        double Distance(int query) => name switch
        {
            "diagonal" => 0,
            // 0 + 1 + .. capped at 4, over query + 1 keys
            "uniform" => query <= 4 ? query / 2.0 : (10 + 4.0 * (query - 4)) / (query + 1),
            _ => Math.Min(query, 3),
        };
        double Influence(int key)
        {
            int[] queries = [.. Enumerable.Range(key + 2, 4).Where(q => q < Length)];
            return queries.Length == 0 ? double.NaN : name switch
            {
                "diagonal" => 0,
                "uniform" => queries.Average(q => 1.0 / (q + 1)),
                // a query looks 3 back, or at the first token where there is none
                _ => queries.Average(q => Math.Max(q - 3, 0) == key ? 1.0 : 0),
            };
        }
        var worst = Enumerable.Range(0, Length).Max(i => Math.Max(Off(distance[i], Distance(i)), Off(influence[i], Influence(i))));
        Evidence.Record("attention-distances", worst < 1e-6, $"{name}: at most {Evidence.Text(worst)}");
        worst.ShouldBeLessThan(1e-6);
        double.IsNaN(influence[^1]).ShouldBeTrue();
    }

    [Fact]
    public void EntropyAndConcentration_UniformMap_AreClosedForms()
    {
        using var scope = NewDisposeScope();
        var (entropy, concentration, distance) = (AttentionMaps.Entropy(Map("uniform")), AttentionMaps.Concentration(Map("uniform")), AttentionMaps.Distance(Map("uniform")));
        for (var query = 0; query < Length; query++)
        {
            entropy[query].ToDouble().ShouldBe(Math.Log(query + 1), 1e-12);
            concentration[query].ToDouble().ShouldBe(1.0 / (query + 1), 1e-12);
            distance[query].ToDouble().ShouldBe(query / 2.0, 1e-12);
        }
    }

    [Fact]
    public void Rollout_TwoLayers_IsTheProductOfTheMixedMaps()
    {
        using var scope = NewDisposeScope();
        var maps = stack([Map("stripe"), Map("uniform")], 0);
        var rolled = AttentionMaps.Rollout(maps);
        var identity = eye(Length, dtype: ScalarType.Float64);
        var wanted = ((maps[1] + identity) / 2).matmul((maps[0] + identity) / 2);
        (rolled[1] - wanted).abs().max().ToDouble().ShouldBeLessThan(1e-12);
        (rolled.sum(-1) - 1).abs().max().ToDouble().ShouldBeLessThan(1e-12);
    }

    [Fact]
    public void Maps_OfAnotherShape_SaySo()
    {
        using var scope = NewDisposeScope();
        Should.Throw<ArgumentException>(() => AttentionMaps.Entropy(zeros(2, 3))).Message.ShouldContain("[2, 3]");
        Should.Throw<ArgumentOutOfRangeException>(() => AttentionMaps.FutureInfluence(eye(3), 2, 1));
        Should.Throw<ArgumentOutOfRangeException>(() => AttentionMaps.WindowedDistance(eye(3), -1));
    }

    private static double Off(double ours, double wanted) => double.IsNaN(ours) && double.IsNaN(wanted) ? 0 : Math.Abs(ours - wanted);

    // [query, key]
    private static Tensor Map(string name)
    {
        var values = new double[Length * Length];
        for (var query = 0; query < Length; query++)
            for (var key = 0; key <= query; key++)
                values[query * Length + key] = name switch
                {
                    "diagonal" => key == query ? 1 : 0,
                    "uniform" => 1.0 / (query + 1),
                    _ => key == Math.Max(query - 3, 0) ? 1 : 0,
                };
        return tensor(values, [Length, Length]);
    }
}
