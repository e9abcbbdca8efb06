namespace Interp.Tests.Unit.Training;

using Shouldly;
using Xunit;

[Trait("Tier", "unit")]
public sealed class TrainingOptionsTests
{
    private static readonly TrainingOptions Options = new() { Steps = 110, WarmUp = 10, LearningRate = 2, FinalShare = 0.1 };

    [Theory]
    [InlineData(0, 0.2)]
    [InlineData(9, 2)]
    [InlineData(10, 2)]
    [InlineData(60, 1.1)] // half way down: the mean of 2 and 0.2
    [InlineData(110, 0.2)]
    public void RateAt_Step_WarmsUpAndDecays(int step, double rate) => Options.RateAt(step).ShouldBe(rate, 1e-12);

    [Fact]
    public void Validated_SeveralViolations_NamesAll()
    {
        var message = Should.Throw<ArgumentException>(() => (Options with { Steps = 0, Beta1 = 2, LearningRate = double.NaN }).Validated()).Message;
        message.ShouldContain("Steps is 0");
        message.ShouldContain("Beta1 is 2");
        message.ShouldContain("LearningRate is NaN");
    }
}
