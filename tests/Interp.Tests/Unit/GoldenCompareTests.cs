namespace Interp.Tests.Unit;

using Interp.Tests.Support;
using Shouldly;
using Xunit;
using static TorchSharp.torch;

/// <summary>The yardstick itself.</summary>
[Trait("Tier", "unit")]
public sealed class GoldenCompareTests
{
    [Theory]
    [InlineData(new double[] { 1, 2, 4 }, new double[] { 1, 2, 4.00002 }, true)]
    [InlineData(new double[] { 1, 2, 4 }, new double[] { 1.00003, 2, 4 }, true)]
    [InlineData(new double[] { 1, 2, 4 }, new double[] { 1.0001, 2, 4 }, false)]
    [InlineData(new double[] { 1, double.NegativeInfinity }, new double[] { 1, double.NegativeInfinity }, true)]
    [InlineData(new double[] { 1, double.NegativeInfinity }, new double[] { 1, 0 }, false)]
    [InlineData(new double[] { 1, 0 }, new double[] { 1, double.NaN }, false)]
    [InlineData(new double[] { 0, 0 }, new double[] { 1e-7, 0 }, true)]
    [InlineData(new double[] { 0, 0 }, new double[] { 1e-5, 0 }, false)]
    [InlineData(new double[] { 1, 2 }, new double[] { 1, 2, 3 }, false)]
    public void Add_Arrays_AreEqualRelativeToTheLargestStoredValue(double[] stored, double[] ours, bool equal)
    {
        var compare = new GoldenCompare("arrays", ScalarType.Float32);
        compare.Add("array", ours, stored, 1e-5);
        compare.Holds.ShouldBe(equal);
    }

    [Fact]
    public void ShouldHold_WrongArrays_NamesThemAndCounts()
    {
        var compare = new GoldenCompare("model", ScalarType.Float32);
        compare.Add("good", [1], [1], 1e-5);
        compare.Add("bad", [2], [1], 1e-5);
        Should.Throw<ShouldAssertException>(() => compare.ShouldHold(2)).Message.ShouldContain("1 of 2 arrays differ");
        Should.Throw<ShouldAssertException>(() => compare.ShouldHold(2)).Message.ShouldContain("bad: 1, at most 1E-05");
    }

    [Fact]
    public void ShouldHold_TooFewArrays_Fails() =>
        Should.Throw<ShouldAssertException>(() => new GoldenCompare("model", ScalarType.Float64).ShouldHold(1)).Message.ShouldContain("number of arrays compared");
}
