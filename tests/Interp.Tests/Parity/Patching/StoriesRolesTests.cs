namespace Interp.Tests.Parity.Patching;

using Interp.Tests.Support;
using Shouldly;
using Xunit;
using static Interp.Sites;

/// <summary>Names of one and of two tokens, by role, on a trained model.</summary>
[Trait("Tier", "parity")]
public sealed class StoriesRolesTests
{
    [SkippableFact]
    public void Patch_LilyIntoBenByRole_NameAndMovingHeadCarryThePronoun()
    {
        using var model = Models.Load(Repository.Shared("models/stories260K"));
        var (she, he) = (model.SingleToken(" She"), model.SingleToken(" He"));
        var study = model.On([Prompt.Parse("{name:Lily} went to the park.")]).Contrast(
            model.On([Prompt.Parse("{name:Ben} went to the park.")]), Metric.LogitDifference(she, he));
        study.Clean.Length.ShouldNotBe(study.Corrupted.Length);
        var recovered = study.Patch(ResidPre.ByRole()).Normalised;
        recovered.AxisOf("role").Labels.ShouldBe(["name", "last"]);
        var heads = study.Patch(Z.ByHead().ByRole("last")).Normalised;
        var mover = heads[4, 2, 0]; // the head that brings the pronoun to the last token
        Evidence.Record("patch-roles", recovered[0, 0] > 0.5 && mover > 0.5, $"the name's stream before the first layer {recovered[0, 0]:f2}, head 4.2 at the last token {mover:f2}");
        recovered[0, 0].ShouldBeGreaterThan(0.5);
        recovered[0, 1].ShouldBe(0, 1e-4);
        mover.ShouldBeGreaterThan(0.5);
        mover.ShouldBe(heads.Max());
    }
}
