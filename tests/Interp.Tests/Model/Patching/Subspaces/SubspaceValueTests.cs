namespace Interp.Tests.Model.Patching.Subspaces;

using Interp.Tests.Support;
using Shouldly;
using TorchSharp;
using Xunit;
using static Interp.Sites;
using static TorchSharp.torch;

/// <summary>Subspaces as values, their files, and what is refused.</summary>
[Trait("Tier", "model")]
public sealed class SubspaceValueTests
{
    [Fact]
    public void Of_AnyDirections_IsOrthonormalAndSpansThem()
    {
        using var scope = NewDisposeScope();
        var directions = randn([4, 10], dtype: ScalarType.Float64, generator: new Generator(1)) * 5;
        var subspace = Subspace.Of(directions);
        var basis = subspace.ToTensor();
        (basis.mm(basis.t()) - eye(4, dtype: ScalarType.Float64)).abs().max().ToDouble().ShouldBeLessThan(1e-14);
        (subspace.Project(directions) - directions).abs().max().ToDouble().ShouldBeLessThan(1e-13);
        subspace.Cosines(Subspace.Of(directions.narrow(0, 0, 2))).ShouldAllBe(c => Math.Abs(c - 1) < 1e-12);
        subspace.Cosines(subspace.Complement()).ShouldAllBe(c => c < 1e-12);
        subspace.ToString().ShouldBe("subspace of 4 of 10 dimensions");
    }

    [Fact]
    public void SaveAndLoad_Subspace_KeepsEveryBit()
    {
        using var folder = new TemporaryFolder();
        var subspace = Subspace.Random(9, 3, seed: 2);
        subspace.Save(folder.File("s.safetensors"));
        var loaded = Subspace.Load(folder.File("s.safetensors"));
        for (var i = 0; i < 3; i++)
            loaded.Basis(i).ToArray().ShouldBe(subspace.Basis(i).ToArray());
    }

    [Fact]
    public void Of_DirectionsThatSpanLess_AreRefused()
    {
        using var scope = NewDisposeScope();
        Should.Throw<ArgumentException>(() => Subspace.Of(zeros(4))).Message.ShouldContain("zero or depends");
        Should.Throw<ArgumentException>(() => Subspace.Of(tensor(new double[] { 1, 2, 2, 4 }, [2, 2]))).Message.ShouldContain("depends on the others");
        Should.Throw<ArgumentException>(() => Subspace.Of(tensor(new[] { 1, double.NaN }))).Message.ShouldContain("NaN");
        Should.Throw<ArgumentException>(() => Subspace.Of(ones(3, 2))).Message.ShouldContain("3 directions depend");
        Should.Throw<ArgumentException>(() => Subspace.Coordinates(3, 1, 1)).Message.ShouldContain("twice");
        Should.Throw<ArgumentOutOfRangeException>(() => Subspace.Random(3, 4));
        Should.Throw<InvalidOperationException>(() => Subspace.Coordinates(2, 0, 1).Complement()).Message.ShouldContain("whole space");
    }

    [Fact]
    public void Patch_WhereItDoesNotFit_IsRefused()
    {
        using var scope = NewDisposeScope();
        using var model = TinyModel.Random(TinyModel.Gpt2);
        var study = model.Contrast(TinyModel.Tokens(TinyModel.Gpt2, 2, 4, 1), TinyModel.Tokens(TinyModel.Gpt2, 2, 4, 2), Metric.LogitDifference(3, 4));
        var narrow = Subspace.Random(4, 1);
        Should.Throw<ArgumentException>(() => study.Patch(ResidPre.ByPosition(), narrow)).Message.ShouldContain("the last axis must be 4 long");
        Should.Throw<ArgumentException>(() => study.Patch(Z, narrow)).Message.ShouldContain("name one layer");
        Should.Throw<ArgumentException>(() => study.CheckIllusion(ResidPre[1], ones(16))).Message.ShouldContain("give the next weight");
        Should.Throw<ArgumentException>(() => study.CheckIllusion(MlpPost[1], ones(16))).Message.ShouldContain("width");
        study.CheckIllusion(MlpPost[1].At(Position.Last), ones(24), randoms: 2).Whole.Random.Count.ShouldBe(2);
        study.CheckIllusion(Z[1].Head(2), ones(4), randoms: 0).NullShare.ShouldBe(0, 1e-9); // W_O of a head reads all of its z
        var one = TinyModel.Tokens(TinyModel.Gpt2, 2, 4, 1);
        Should.Throw<ArgumentException>(() => new InterchangeSet(model, one, one, [1])).Message.ShouldContain("1 answers");
        Should.Throw<ArgumentException>(() => new InterchangeSet(model, one, one, [1, 99])).Message.ShouldContain("Answer 99");
        Should.Throw<ArgumentException>(() => new InterchangeSet(model, one, one, [1, 2]).Split(0.9)).Message.ShouldContain("empty");
        Should.Throw<ArgumentException>(() => new InterchangeSet(model, one, one, [1, 2]).Align(Z, 1)).Message.ShouldContain("one of one layer");
    }
}
