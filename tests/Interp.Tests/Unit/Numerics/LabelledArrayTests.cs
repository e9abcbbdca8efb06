namespace Interp.Tests.Unit.Numerics;

using Shouldly;
using Xunit;

[Trait("Tier", "unit")]
public sealed class LabelledArrayTests
{
    private static readonly Axis Layer = new("layer", 2);
    private static readonly Axis Pos = new("pos", ["<s>", " John", " gave"]);

    private static LabelledArray Sample() => new([Layer, Pos], [0, 1, 2, 10, 11, 12], "logit difference");

    [Fact]
    public void Constructor_WrongCount_NamesAxesAndNumbers() =>
        Should.Throw<ArgumentException>(() => new LabelledArray([Layer, Pos], [1, 2], "x")).Message
            .ShouldStartWith("[layer 2, pos 3] needs 6 values, 2 are given.");

    [Fact]
    public void Constructor_RepeatedAxisName_Throws() =>
        Should.Throw<ArgumentException>(() => new LabelledArray([Layer, Layer], [1, 2, 3, 4], "x")).Message.ShouldContain("both named 'layer'");

    [Fact]
    public void Constructor_SourceChangedAfterwards_KeepsItsValues()
    {
        double[] source = [1, 2];
        var array = new LabelledArray([Layer], source, "x");
        source[0] = 99;
        array[0].ShouldBe(1);
    }

    [Fact]
    public void Indexer_IntegersAndFromEnd_ReadRowMajor()
    {
        var array = Sample();
        array[1, 2].ShouldBe(12);
        array[^2, ^1].ShouldBe(2);
        Should.Throw<ArgumentException>(() => array[1]).Message.ShouldContain("a[\"layer\", 0]");
        Should.Throw<ArgumentOutOfRangeException>(() => array[0, 3]).Message.ShouldContain("axis 'pos' of length 3 (0 to 2)");
    }

    [Fact]
    public void Indexer_AxisAndIndex_DropsTheAxis()
    {
        var row = Sample()["layer", ^1];
        row.Axes.ShouldBe([Pos]);
        row.Values.ToArray().ShouldBe([10, 11, 12]);
        Sample()["pos", 1].Values.ToArray().ShouldBe([1, 11]);
    }

    [Fact]
    public void Indexer_AxisAndLabel_ReadsTheLabelledSlice() => Sample()["pos", " John"].Values.ToArray().ShouldBe([1, 11]);

    [Fact]
    public void Indexer_AxisAndRange_KeepsTheAxis()
    {
        var part = Sample()["pos", 1..];
        part.AxisOf("pos").Labels.ShouldBe([" John", " gave"]);
        part.Values.ToArray().ShouldBe([1, 2, 11, 12]);
        Should.Throw<ArgumentOutOfRangeException>(() => Sample()["pos", 1..5]).Message.ShouldContain("length 3");
    }

    [Fact]
    public void Indexer_UnknownAxis_ListsTheAxes() =>
        Should.Throw<ArgumentException>(() => Sample()["head", 0]).Message.ShouldStartWith("No axis 'head': this array has [layer 2, pos 3].");

    [Fact]
    public void Indexer_UnknownLabel_NamesTheNearest() =>
        Should.Throw<ArgumentException>(() => Sample()["pos", "john"]).Message.ShouldContain("Nearest: ' John'");

    [Fact]
    public void Indexer_RepeatedLabel_NamesItsIndices()
    {
        var array = new LabelledArray([new Axis("pos", [" the", " a", " the"])], [1, 2, 3], "x");
        Should.Throw<ArgumentException>(() => array["pos", " the"]).Message.ShouldContain("(0, 2)");
        array["pos", " a"].Values.ToArray().ShouldBe([2]);
    }

    [Fact]
    public void At_EveryAxisInAnyOrder_ReadsOneValue()
    {
        Sample().At(("pos", " gave"), ("layer", "1")).ShouldBe(12);
        Should.Throw<ArgumentException>(() => Sample().At(("layer", "1"))).Message.ShouldStartWith("No label for axis 'pos'");
        Should.Throw<ArgumentException>(() => Sample().At(("layer", "1"), ("layer", "0"))).Message.ShouldStartWith("Axis 'layer' is given twice");
    }

    [Fact]
    public void Transpose_ThreeAxes_MovesEveryValue()
    {
        var array = new LabelledArray([new("a", 2), new("b", 3), new("c", 4)], [.. Enumerable.Range(0, 24).Select(i => (double)i)], "x");
        var turned = array.Transpose("c", "a", "b");
        turned.Shape.ShouldBe([4, 2, 3]);
        for (var a = 0; a < 2; a++)
            for (var b = 0; b < 3; b++)
                for (var c = 0; c < 4; c++)
                    turned[c, a, b].ShouldBe(array[a, b, c]);
        Should.Throw<ArgumentException>(() => array.Transpose("a", "b"));
    }

    [Fact]
    public void SumAndMean_AlongEachAxis_DropIt()
    {
        Sample().Sum("layer").Values.ToArray().ShouldBe([10, 12, 14]);
        Sample().Mean("pos").Values.ToArray().ShouldBe([1, 11]);
        Sample().Sum().ShouldBe(36);
        Sample().Mean("pos").Mean("layer")[[]].ShouldBe(Sample().Mean());
    }

    [Fact]
    public void Arithmetic_EqualAxes_WorksEntryByEntry()
    {
        var array = Sample();
        (array - array * 0.5 + -array / 2).Values.ToArray().ShouldAllBe(v => v == 0);
        (array - array).Quantity.ShouldBe("logit difference");
        (array - array.With("estimate")).Quantity.ShouldBe("logit difference - estimate");
        array.Map(v => v * v, "square").Values.ToArray().ShouldBe([0, 1, 4, 100, 121, 144]);
    }

    [Fact]
    public void Arithmetic_Provenance_KeepsWhatAgrees()
    {
        var left = Sample().With(provenance: new Provenance { Metric = "m", Seed = 1, Clean = 2 });
        var right = Sample().With(provenance: new Provenance { Metric = "m", Seed = 2, Clean = 2 });
        (left - right).Provenance.ShouldBe(new Provenance { Metric = "m", Clean = 2 });
    }

    [Fact]
    public void Arithmetic_DifferentAxes_NamesTheFirstDifference()
    {
        var other = new LabelledArray([Layer, new Axis("pos", ["<s>", " Mary", " took"])], new double[6], "x");
        Should.Throw<ArgumentException>(() => Sample() - other).Message.ShouldContain("axis 'pos' at index 1 is labelled ' John' against ' Mary'");
        Should.Throw<ArgumentException>(() => Sample() - Sample()["layer", 0]).Message.ShouldContain("2 axes against 1");
        Should.Throw<ArgumentException>(() => Sample().Compare(Sample()["pos", 1..])).Message.ShouldContain("axis 'pos' has length 3 against 2");
        Should.Throw<ArgumentException>(() => Sample().Compare(Sample().Transpose("pos", "layer"))).Message.ShouldContain("axis 0 is 'layer' against 'pos'");
    }

    [Fact]
    public void Top_ByMagnitudeAndByValue_RanksAndSkipsNaN()
    {
        var array = new LabelledArray([Layer, Pos], [1, -5, double.NaN, 3, 4, -4], "x");
        var top = array.Top(3);
        top.Select(t => t.Value).ShouldBe([-5, 4, -4]);
        top[0].Labels.ShouldBe(["0", " John"]);
        top[2].Indices.ShouldBe([1, 2]);
        top[0].ToString().ShouldBe("0, ·John: -5.000");
        array.Top(2, byMagnitude: false).Select(t => t.Value).ShouldBe([4, 3]);
        array.Top(100).Count.ShouldBe(5);
        Should.Throw<ArgumentOutOfRangeException>(() => array.Top(-1));
    }

    [Fact]
    public void Compare_WithItself_AgreesFully()
    {
        var comparison = Sample().Compare(Sample());
        comparison.Pearson.ShouldBe(1, 1e-12);
        comparison.Spearman.ShouldBe(1, 1e-12);
        comparison.TopK.ShouldBe(6);
        comparison.TopKOverlap.ShouldBe(1);
        comparison.MaxDifference.ShouldBe(0);
    }

    [Fact]
    public void Compare_KnownArrays_GivesKnownFigures()
    {
        Axis axis = new("i", 5);
        var left = new LabelledArray([axis], [1, 2, 3, 4, double.NaN], "x");
        var right = new LabelledArray([axis], [1, 3, 2, 5, 7], "x");
        var comparison = left.Compare(right, topK: 2, seed: 3);
        comparison.Count.ShouldBe(4);
        comparison.Pearson.ShouldBe(0.8315218406202999, 1e-12);
        comparison.Spearman.ShouldBe(0.8, 1e-12);
        comparison.TopKOverlap.ShouldBe(0.5);
        comparison.MaxDifference.ShouldBe(1);
        comparison.ShouldBe(left.Compare(right, topK: 2, seed: 3));
        left.Compare(right, resamples: 0).PearsonInterval.ShouldBeNull();
    }
}
