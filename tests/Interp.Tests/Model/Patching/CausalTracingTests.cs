namespace Interp.Tests.Model.Patching;

using Interp.Tests.Support;
using Shouldly;
using TorchSharp;
using Xunit;
using static Interp.Sites;
using static TorchSharp.torch;

[Trait("Tier", "model")]
public sealed class CausalTracingTests
{
    private static readonly VocabularyTokenizer Letters = new("abcdefghijklmnopqrstuvwxyzAB".Select(c => c.ToString()));

    [Fact]
    public void CausalTrace_RestoringEveryPositionOfALayer_GivesTheCleanProbability()
    {
        using var model = TinyModel.Random(TinyModel.Gpt2).WithTokenizer(Letters);
        var study = model.CausalTrace(Prompt.Parse("ab{subject:cd}ef"), "k", samples: 3);
        var result = study.Patch(ResidPre.ByLayer());
        Math.Abs(result.Clean - result.Corrupted).ShouldBeGreaterThan(1e-4);
        foreach (var recovered in result.Normalised.Values)
            recovered.ShouldBe(1, 1e-9);
    }

    [Fact]
    public void CausalTrace_BatchedAndSerial_RestoreTheSame()
    {
        using var model = TinyModel.Random(TinyModel.Llama).WithTokenizer(Letters);
        var study = model.CausalTrace(Prompt.Parse("ab{subject:cd}ef"), "k", samples: 3);
        var (serial, planned) = (study.Patch(MlpOut.ByPosition(), new PatchOptions { Strategy = PatchStrategy.Serial }), study.Patch(MlpOut.ByPosition()));
        serial.Effect.Values.ToArray().Max(Math.Abs).ShouldBeGreaterThan(1e-6);
        for (var i = 0; i < serial.Effect.Count; i++)
            planned.Patched.Values[i].ShouldBe(serial.Patched.Values[i], 1e-12);
    }

    [Fact]
    public void CausalTrace_NoiseStaysOnTheSubject()
    {
        using var model = TinyModel.Random(TinyModel.Gpt2).WithTokenizer(Letters);
        var study = model.CausalTrace(Prompt.Parse("ab{subject:cd}ef"), "k", samples: 2);
        using var clean = study.CleanPlan.Capture(Embed).Run();
        using var noisy = study.CorruptedPlan.Capture(Embed).Run();
        using var scope = NewDisposeScope();
        var changed = (clean[Embed] - noisy[Embed]).abs().sum(-1).gt(0).to(ScalarType.Int64).data<long>().ToArray();
        changed.ShouldBe([0, 0, 1, 1, 0, 0, 0, 0, 1, 1, 0, 0]);
    }

    [Fact]
    public void CausalTrace_NoSuchRole_NamesThoseThereAre()
    {
        using var model = TinyModel.Random(TinyModel.Gpt2).WithTokenizer(Letters);
        Should.Throw<KeyNotFoundException>(() => model.CausalTrace(Prompt.Parse("ab{who:cd}ef"), "k")).Message.ShouldContain("who");
    }

    [Fact]
    public void CausalTrace_ByTokenClass_RestoresTheirPositions()
    {
        using var model = TinyModel.Random(TinyModel.Gpt2).WithTokenizer(Letters);
        var study = model.CausalTrace(Prompt.Parse("ab{subject:cdef}ghij"), "k", samples: 2);
        var classes = study.Patch(ResidMid.ByRole(CausalTracing.TokenClasses));
        var places = new[] { 2..3, 3..5, 5..6, 6..7, 7..9, 9..10 };
        for (var i = 0; i < places.Length; i++)
        {
            var together = study.Patch(ResidMid.At(places[i]).ByLayer(), new PatchOptions { Strategy = PatchStrategy.Serial });
            for (var layer = 0; layer < 3; layer++)
                classes.Patched[layer, i].ShouldBe(together.Patched[layer], 1e-12);
        }
        var window = study.Patch(MlpOut.ByRole("last subject").Window(3));
        var all = study.Patch([new UnitSet("all", MlpOut.At(5))]);
        window.Patched[1, 0].ShouldBe(all.Patched.Values[0], 1e-12);
    }
}
