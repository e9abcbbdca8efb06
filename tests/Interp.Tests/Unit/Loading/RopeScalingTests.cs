namespace Interp.Tests.Unit.Loading;

using Interp.Extending;
using Shouldly;
using Xunit;

/// <summary>Frequencies of scaled rotary embeddings, against what defines them rather than against the formulas used.</summary>
[Trait("Tier", "unit")]
public sealed class RopeScalingTests
{
    private const int Dim = 128;
    private const double Theta = 1e6;
    private static readonly double[] Plain = Rotary.Frequencies(new RotaryConfig { Base = Theta }, Dim);

    [Fact]
    public void Linear_EveryWavelength_IsStretchedAlike()
    {
        var scaled = new LinearRopeScaling(8).Frequencies(Theta, Dim, 5);

        for (var i = 0; i < scaled.Length; i++)
            (Plain[i] / scaled[i]).ShouldBe(8, 1e-12);
    }

    [Theory]
    [InlineData(100)]
    [InlineData(4096)]
    public void Dynamic_TextWithinTheOriginalContext_TurnsAsItWasTrained(long length) =>
        new DynamicRopeScaling(2, 4096).Frequencies(Theta, Dim, length).ShouldBe(Plain);

    [Theory]
    [InlineData(8192, 3)]
    [InlineData(16384, 7)]
    public void Dynamic_LongerText_StretchesTheLongestWavelengthByItsGrowthAndLeavesTheShortest(long length, double growth)
    {
        var scaled = new DynamicRopeScaling(2, 4096).Frequencies(Theta, Dim, length);

        scaled[0].ShouldBe(1);
        (Plain[^1] / scaled[^1]).ShouldBe(growth, 1e-9);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Yarn_PairsBetweenTheTurns_AreBlendedLinearly(bool truncate)
    {
        const int context = 32768;
        const double factor = 4;
        var scaled = new YarnRopeScaling(factor, context) { Truncate = truncate }.Frequencies(Theta, Dim, 5);
        var (low, high) = (PairThatTurns(32, context), PairThatTurns(1, context));
        (low, high) = truncate ? (Math.Floor(low), Math.Ceiling(high)) : (low, high);

        for (var i = 0; i < scaled.Length; i++)
        {
            var kept = i <= low ? 1 : i >= high ? 0 : (high - i) / (high - low);
            scaled[i].ShouldBe(Plain[i] * kept + Plain[i] / factor * (1 - kept), 1e-12 * Plain[i]);
        }
        low.ShouldBeInRange(1, high - 1);
        high.ShouldBeLessThan(Dim / 2);
    }

    [Fact]
    public void LongRope_Length_ChoosesTheList()
    {
        var scaling = new LongRopeScaling([1, 2], [3, 4], 10);

        scaling.Frequencies(100, 4, 10).ShouldBe([1, 0.05], 1e-15);
        scaling.Frequencies(100, 4, 11).ShouldBe([1 / 3d, 0.025], 1e-15);
    }

    [Fact]
    public void Read_Yarn_TakesThePublishedAmplitude()
    {
        var scaling = Read("""{"max_position_embeddings":32768,"rope_scaling":{"type":"yarn","factor":4.0,"original_max_position_embeddings":32768}}""");

        scaling.ShouldBe(new YarnRopeScaling(4, 32768) { Amplitude = 0.1 * Math.Log(4) + 1 });
    }

    [Fact]
    public void Read_YarnWithTwoScales_TakesTheirRatio()
    {
        var scaling = Read("""{"rope_scaling":{"rope_type":"yarn","factor":40,"mscale":0.707,"mscale_all_dim":0.707,"original_max_position_embeddings":4096,"beta_fast":16}}""");

        scaling.ShouldBe(new YarnRopeScaling(40, 4096, 16) { Amplitude = 1 });
    }

    [Fact]
    public void Read_LongRope_AmplitudeFollowsFromTheContexts()
    {
        var scaling = Read(
            """
            {"max_position_embeddings":131072,"original_max_position_embeddings":4096,
             "rope_scaling":{"type":"longrope","short_factor":[1.0,1.5],"long_factor":[2,3]}}
            """).ShouldBeOfType<LongRopeScaling>();

        scaling.ShortFactors.ShouldBe([1, 1.5]);
        scaling.LongFactors.ShouldBe([2, 3]);
        scaling.OriginalContext.ShouldBe(4096);
        scaling.Amplitude.ShouldBe(1.1902380714238083, 1e-15); // sqrt(1 + 5/12)
    }

    [Fact]
    public void Read_Dynamic_OriginalContextIsTheModels() =>
        Read("""{"max_position_embeddings":2048,"rope_scaling":{"type":"dynamic","factor":2.0}}""").ShouldBe(new DynamicRopeScaling(2, 2048));

    [Theory]
    [InlineData("""{"rope_scaling":{"type":"linear"}}""", "'factor' is absent")]
    [InlineData("""{"rope_scaling":{"type":"linear","factor":0}}""", "'factor' is 0, wanted at least 1")]
    [InlineData("""{"rope_scaling":{"type":"yarn","factor":2,"original_max_position_embeddings":0}}""", "is 0, wanted at least 1")]
    [InlineData("""{"rope_scaling":{"type":"longrope","short_factor":"1","long_factor":[1]}}""", "wanted a list of numbers")]
    public void Read_DamagedScaling_IsNamed(string json, string fact) =>
        Should.Throw<InvalidDataException>(() => Read(json)).Message.ShouldContain(fact);

    [Fact]
    public void Validated_LongRopeFactorsOfAnotherNumber_IsRefused()
    {
        var config = new TransformerConfig
        {
            Layers = 1, DModel = 8, Heads = 1, DHead = 8, DMlp = 8, DVocab = 9, Context = 32, Positions = PositionKind.Rotary,
            Rotary = new RotaryConfig { Scaling = new LongRopeScaling([1, 1, 1, 1], [1, 1, 1], 8) },
        };

        Should.Throw<ArgumentException>(() => config.Validated()).Message.ShouldContain("4 short and 3 long factors for 4 pairs");
    }

    [Theory]
    [InlineData(1, new[] { 1 / 256d })]
    [InlineData(2, new[] { 1 / 16d, 1 / 256d })]
    [InlineData(4, new[] { 1 / 4d, 1 / 16d, 1 / 64d, 1 / 256d })]
    [InlineData(6, new[] { 1 / 4d, 1 / 16d, 1 / 64d, 1 / 256d, 1 / 2d, 1 / 8d })]
    public void Slopes_AnyNumberOfHeads_AreThePapers(int heads, double[] slopes) => Alibi.Slopes(heads).ShouldBe(slopes);

    private static RopeScaling? Read(string json) => RotarySettings.Read(ConfigFile.Parse(json, "config.json")).Scaling;

    // The place among the pairs, as a fraction, at which one turns so often over the context: by halving, not by the closed form.
    private static double PairThatTurns(double turns, int context)
    {
        var (low, high) = (0d, Dim / 2d);
        for (var i = 0; i < 200; i++)
        {
            var middle = (low + high) / 2;
            (low, high) = context * Math.Pow(Theta, -2 * middle / Dim) / (2 * Math.PI) > turns ? (middle, high) : (low, middle);
        }
        return low;
    }
}
