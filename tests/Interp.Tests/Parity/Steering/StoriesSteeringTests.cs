namespace Interp.Tests.Parity.Steering;

using Interp.Tests.Support;
using Shouldly;
using TorchSharp;
using Xunit;
using static Interp.Sites;

/// <summary>The direction of a name's gender in a small story model, fitted on some names and stories' beginnings, tried on others.</summary>
[Trait("Tier", "parity")]
public sealed class StoriesSteeringTests
{
    private static readonly string[] Her = ["Lily", "Mia", "Sara", "Sue", "Lisa", "Amy", "Mary"];
    private static readonly string[] His = ["Tim", "Max", "Bob", "Leo", "Spot", "Timmy", "Sam"];
    private static readonly string[] After = [" went to the park.", " was very happy.", " saw a big dog.", " had a red ball."];

    [SkippableFact]
    public void Add_AlongTheGenderDirection_FlipsThePronounOfNewNames()
    {
        using var model = Models.Load(Repository.Shared("models", "stories260K"));
        var unit = ResidPost[2].At(Position.Role("name"));
        var vector = model.On(Named(Her, After)).MeanDifference(model.On(Named(His, After)), unit)[0];
        var metric = Metric.LogitDifference(model.SingleToken(" She"), model.SingleToken(" He"));
        double[] Measured(string[] names, double strength)
        {
            using var values = model.On(Named(names, [" found a new toy.", " went to school."])).Add(unit, vector, strength).Measure(metric);
            return values.data<float>().ToArray().Select(v => (double)v).ToArray();
        }

        var (her, hers, his, him) = (Measured(["Lucy", "Jane", "Anna", "Emma"], 0), Measured(["Lucy", "Jane", "Anna", "Emma"], -2), Measured(["Jack", "John", "Ben", "Tom"], 0), Measured(["Jack", "John", "Ben", "Tom"], 2));
        var random = Enumerable.Range(0, 20).Select(seed =>
        {
            using var values = model.On(Named(["Lucy", "Jane", "Anna", "Emma"], [" found a new toy.", " went to school."])).Add(unit, vector.Random(seed), -2).Measure(metric);
            return values.mean().ToDouble();
        }).ToArray();

        var holds = her.All(v => v > 0) && his.All(v => v < 0) && hers.All(v => v < 0) && him.All(v => v > 0) && random.Min() > hers.Average() + 2;
        Evidence.Record("stories-gender-steering", holds,
            $"8 held-out prompts each way: She - He {her.Average():F2} to {hers.Average():F2}, {his.Average():F2} to {him.Average():F2}; with 20 random directions {random.Min():F2} to {random.Max():F2}");
        her.ShouldAllBe(v => v > 0);
        his.ShouldAllBe(v => v < 0);
        hers.ShouldAllBe(v => v < 0);
        him.ShouldAllBe(v => v > 0);
        random.Min().ShouldBeGreaterThan(hers.Average() + 2);
        model.On(Named(["Lucy"], [" found a new toy."])).Generate(3).ShouldStartWith(" She");
        model.On(Named(["Lucy"], [" found a new toy."])).Add(unit, vector, -2).Generate(3).ShouldStartWith(" He");
    }

    [SkippableFact]
    public void Add_AlongAProbesWeights_FlipsThePronounToo()
    {
        using var model = Models.Load(Repository.Shared("models", "stories260K"));
        var unit = ResidPost[2].At(Position.Role("name"));
        var (hers, his) = (Named(Her, After), Named(His, After));
        bool[] labels = [.. hers.Select(_ => true), .. his.Select(_ => false)];
        var mean = model.On(hers).MeanDifference(model.On(his), unit)[0];
        var probe = model.On([.. hers, .. his]).Probe(unit, labels).Pool(Pooling.Mean).WithoutControls().Resamples(0).Logistic().Best.Probe;
        var vector = probe.ToSteeringVector(mean.Origin).WithNorm(mean.Norm);
        var metric = Metric.LogitDifference(model.SingleToken(" She"), model.SingleToken(" He"));
        double Measured(string[] names, double strength)
        {
            using var values = model.On(Named(names, [" found a new toy.", " went to school."])).Add(unit, vector, strength).Measure(metric);
            return values.mean().ToDouble();
        }

        vector.Cosine(mean).ShouldBeInRange(0.2, 0.99);
        Measured(["Lucy", "Jane", "Anna", "Emma"], -2).ShouldBeLessThan(0);
        Measured(["Jack", "John", "Ben", "Tom"], 2).ShouldBeGreaterThan(0);
    }

    private static Prompt[] Named(string[] names, string[] rest) => [.. from name in names from text in rest select Prompt.Parse($"{{name:{name}}}{text}")];
}
