namespace Interp.Tests.Model.Patching;

using Interp.Tests.Support;
using Shouldly;
using TorchSharp;
using Xunit;
using static Interp.Sites;
using static TorchSharp.torch;

/// <summary>Values from other positions, prompts and models; roles in place of positions.</summary>
[Trait("Tier", "model")]
public sealed class AlignmentTests : IDisposable
{
    private static readonly VocabularyTokenizer Letters = new("abcdefghijklmnopqrstuvwxyzAB".Select(c => c.ToString()));
    private readonly HookedTransformer model = TinyModel.Random(TinyModel.Llama, seed: 3).WithTokenizer(Letters);

    public void Dispose() => model.Dispose();

    [Fact]
    public void Contrast_UnequalLengthsWithoutRoles_ShowsBothTokenisations()
    {
        var error = Should.Throw<ArgumentException>(() => model.Contrast("abcd", "abc", Metric.LogitDifference(1, 2)));
        error.Message.ShouldContain("a | b | c | d");
        error.Message.ShouldContain("Prompt.Parse");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Patch_ByRoleOfUnequalLengths_TakesTheRolesTokensFromTheirEnds(bool noising)
    {
        string[] clean = ["x{name:abc}yz", "{name:ab}y"], corrupted = ["x{name:q}yz", "{name:rst}y"];
        var study = model.On(clean.Select(Prompt.Parse)).Contrast(model.On(corrupted.Select(Prompt.Parse)), Metric.LogitDifference(1, 2));
        study = noising ? study.Noising() : study;
        var result = study.Patch(ResidPre.ByRole());
        result.Effect.AxisOf("role").Labels.ShouldBe(["name", "last"]);
        using var source = study.SourcePlan.Capture(ResidPre).Run();
        for (var row = 0; row < 2; row++)
        {
            var (own, other) = (study.Base.Columns(Position.Role("name"))[row], study.Source.Columns(Position.Role("name"))[row]);
            using var scope = NewDisposeScope();
            var plan = model.On(study.Base.Rows[row].ToArray());
            for (var i = 1; i <= Math.Min(own.Length, other.Length); i++)
                plan = plan.Replace(ResidPre[1].At(own[^i]), source[ResidPre[1]].narrow(0, row, 1).select(1, other[^i]));
            var expected = plan.Measure(study.Metric).ToDouble();
            result.PerPrompt(1 * 2)[row].ShouldBe(expected, 1e-10);
        }
    }

    [Fact]
    public void Patch_ByRoleInPromptsOfOneLength_EqualsThePositions()
    {
        var study = model.On(new[] { "ab{who:cd}ef", "{who:mn}opqr" }.Select(Prompt.Parse)).Contrast(model.On(new[] { "ab{who:xd}ef", "{who:my}opqr" }.Select(Prompt.Parse)), Metric.LogitDifference(1, 2));
        foreach (var strategy in Enum.GetValues<PatchStrategy>())
        {
            var roles = study.Patch(Z.ByHead().ByRole("who"), new PatchOptions { Strategy = strategy });
            foreach (var (row, start) in new[] { (0, 2), (1, 0) })
            {
                var range = study.Patch(Z.At(start..(start + 2)).ByHead(), new PatchOptions { Strategy = PatchStrategy.Serial });
                for (var cell = 0; cell < range.Effect.Count; cell++)
                    roles.PerPrompt(cell)[row].ShouldBe(range.PerPrompt(cell)[row], 1e-10);
            }
        }
    }

    [Fact]
    public void Patch_FromAnotherPosition_PutsThatPositionsValues()
    {
        var (clean, corrupted) = (TinyModel.Tokens(TinyModel.Llama, 2, 7, seed: 5), TinyModel.Tokens(TinyModel.Llama, 2, 7, seed: 6));
        var study = model.Contrast(clean, corrupted, Metric.LogitDifference(1, 2)) with { Alignment = PositionMap.Shift(-1) };
        var result = study.Patch(ResidMid[1].ByPosition());
        using var source = model.On(clean).Capture(ResidMid[1]).Run();
        using var scope = NewDisposeScope();
        for (var position = 1; position < 7; position++)
        {
            var expected = model.On(corrupted).Replace(ResidMid[1].At(position), source[ResidMid[1]].select(1, position - 1)).Measure(study.Metric).mean().ToDouble();
            result.Patched[0, position].ShouldBe(expected, 1e-10);
        }
        result.Effect[0, 0].ShouldBe(0); // nothing stands before the first
        var (planned, serial) = (study.Patch(Q.ByHead().ByPosition()), study.Patch(Q.ByHead().ByPosition(), new PatchOptions { Strategy = PatchStrategy.Serial }));
        for (var cell = 0; cell < serial.Effect.Count; cell++) // rotation comes after the move
            planned.Patched.Values[cell].ShouldBe(serial.Patched.Values[cell], 1e-10);
    }

    [Fact]
    public void Patch_FromAnotherPromptOrModel_PutsTheirValues()
    {
        using var other = TinyModel.Random(TinyModel.Gpt2 with { Layers = 4, DVocab = 31 }, seed: 9);
        var prompts = Enumerable.Range(5, 3).Select(seed => TinyModel.Tokens(TinyModel.Llama, 2, 7, seed)).ToArray();
        var study = model.Contrast(prompts[0], prompts[1], Metric.LogitDifference(1, 2));
        foreach (var values in new[] { model.On(prompts[2]), other.On(prompts[2]) })
        {
            using var source = values.Capture(Z).Run();
            using var scope = NewDisposeScope();
            var result = study.From(values).Patch(Z.ByHead());
            var expected = model.On(prompts[1]).Replace(Z[1].Head(2), source[Z[1]].select(2, 2)).Measure(study.Metric).mean().ToDouble();
            result.Patched[1, 2].ShouldBe(expected, 1e-10);
            result.Clean.ShouldBe(study.CleanMetric().Average(), 1e-12);
        }
        using var shallow = TinyModel.Random(TinyModel.Gpt2 with { Layers = 2 }, seed: 9);
        Should.Throw<ArgumentException>(() => study.From(shallow.On(prompts[2])).Patch(Z.ByHead())).Message.ShouldContain("2 blocks");
        using var wide = TinyModel.Random(TinyModel.Gpt2 with { DHead = 8 }, seed: 9);
        LiveTensors.ShouldStayEqual(() => Should.Throw<ArgumentException>(() => study.From(wide.On(prompts[2])).Patch(Z.ByHead())).Message.ShouldContain("[2, 7, 4, 8]"));
        Should.Throw<ArgumentException>(() => study.From(model.On(TinyModel.Tokens(TinyModel.Llama, 2, 6, 1)))).Message.ShouldContain("PositionMap");
        study.From(other.On(TinyModel.Tokens(TinyModel.Llama, 2, 6, 1)), PositionMap.Of(p => p < 6 ? p : null)).Patch(ResidPre.ByPosition()).Effect[1, 6].ShouldBe(0);
    }

    [Fact]
    public void GradDrop_AlignedByRole_IsRefused()
    {
        var study = model.On([Prompt.Parse("{name:abc}y")]).Contrast(model.On([Prompt.Parse("{name:q}y")]), Metric.LogitDifference(1, 2));
        Should.Throw<NotSupportedException>(() => study.AttributeWithGradDrop(Z.ByHead())).Message.ShouldContain("position by position");
    }
}
