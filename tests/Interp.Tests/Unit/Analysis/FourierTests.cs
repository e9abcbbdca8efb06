namespace Interp.Tests.Unit.Analysis;

using Interp.Tests.Support;
using Shouldly;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

/// <summary>The Fourier basis over tokens.</summary>
[Trait("Tier", "unit")]
public sealed class FourierTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(12)]
    [InlineData(113)]
    public void Basis_AnyLength_IsOrthonormal(int n)
    {
        using var scope = NewDisposeScope();
        var basis = Fourier.Basis(n);
        (basis.matmul(basis.t()) - eye(n, dtype: ScalarType.Float64)).abs().max().ToDouble().ShouldBeLessThan(1e-12);
    }

    [Theory]
    [InlineData(11)]
    [InlineData(12)]
    public void Power_OfTwoWaves_StandsAtTheirFrequencies(int n)
    {
        using var scope = NewDisposeScope();
        var angles = arange(n, dtype: ScalarType.Float64) * (2 * Math.PI / n);
        var rows = stack([(angles * 2).cos() * 3 + 5, (angles * 4).sin()], 1); // [token, 2], a constant beside them
        var power = Fourier.Power(rows);
        power.AxisOf("frequency").Labels.ShouldBe(Enumerable.Range(1, n / 2).Select(f => f.ToString()));
        power["frequency", "2"][[]].ShouldBe(0.9, 1e-12);
        power["frequency", "4"][[]].ShouldBe(0.1, 1e-12);
        power.Sum().ShouldBe(1, 1e-12);
    }

    [Fact]
    public void Power_AlternatingRow_StandsAtTheHighestFrequency()
    {
        using var scope = NewDisposeScope();
        var power = Fourier.Power(tensor(new double[] { 1, -1, 1, -1, 1, -1 }));
        power[2].ShouldBe(1, 1e-12);
    }

    [Fact]
    public void Power_NothingToMeasure_SaysSo()
    {
        using var scope = NewDisposeScope();
        Should.Throw<ArgumentException>(() => Fourier.Power(ones(5, 2))).Message.ShouldContain("equal");
        Should.Throw<ArgumentException>(() => Fourier.Power(ones(2, 2))).Message.ShouldContain("at least 3");
    }

    [SkippableFact]
    public void EmbeddingSpectrum_OfModularAddition_HoldsItsKeyFrequencies()
    {
        using var model = Models.Load(Repository.Shared("models", "modadd113-seed2"));
        var power = model.EmbeddingSpectrum(0..113);
        // The note names 49, 3, 19, 44 and 6; the sixth is the largest of the others.
        var ranked = power.Top(6).ToArray();
        var share = ranked.Sum(v => v.Value);
        int[] named = [3, 6, 19, 44, 49];
        var found = named.All(f => ranked.Any(v => v.Labels[0] == f.ToString()));
        Evidence.Record("modadd-frequencies", share >= 0.95 && found,
            $"{share:P2} in {string.Join(", ", ranked.Select(v => v.Labels[0]))}; the note's five: {named.Sum(f => power[f - 1]):P2}");
        found.ShouldBeTrue();
        share.ShouldBeGreaterThanOrEqualTo(0.95);
    }
}
