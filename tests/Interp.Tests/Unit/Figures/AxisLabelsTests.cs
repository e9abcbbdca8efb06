namespace Interp.Tests.Unit.Figures;

using Shouldly;
using Xunit;

[Trait("Tier", "unit")]
public sealed class AxisLabelsTests
{
    [Fact]
    public void Where_Label_IsSaidWithItsIndexUnlessItBringsANumber()
    {
        AxisLabels.Where(new Axis("layer", ["3", "4"]), 0).ShouldBe("layer 3");
        AxisLabels.Where(new Axis("pos", ["<s>", " John", "3"]), 1).ShouldBe("pos 1 ·John");
        AxisLabels.Where(new Axis("pos", ["<s>", " John", "3"]), 2).ShouldBe("pos 2 3");
        AxisLabels.Where(new Axis("pos", ["0 <s>", "1 John"]), 1).ShouldBe("pos 1 John");
        AxisLabels.Where(new Axis("layer", ["0_pre", "1_pre", "final_post"]), 1).ShouldBe("layer 1_pre");
    }

    [Fact]
    public void Name_Label_CarriesTheAxisWhereItIsANumber()
    {
        AxisLabels.Name(new Axis("head", 4), 3).ShouldBe("head 3");
        AxisLabels.Name(new Axis("split", ["train", "held out"]), 1).ShouldBe("held out");
    }

    [Fact]
    public void Across_ManyNumbers_AreThinnedToRoundSteps()
    {
        var labels = AxisLabels.Across(new Axis("pos", 300), 3);
        labels.Turned.ShouldBeFalse();
        labels.Step.ShouldBe(10);
        AxisLabels.Across(new Axis("pos", ["a", "much longer label"]), 30).Turned.ShouldBeTrue();
        AxisLabels.Across(new Axis("head", 12), 52).Step.ShouldBe(1);
    }
}
