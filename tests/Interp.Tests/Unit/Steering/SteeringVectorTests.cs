namespace Interp.Tests.Unit.Steering;

using Interp.Tests.Support;
using Shouldly;
using TorchSharp;
using Xunit;
using static Interp.Sites;
using static TorchSharp.torch;

/// <summary>Directions as values, and their recovery from noise.</summary>
[Trait("Tier", "unit")]
public sealed class SteeringVectorTests
{
    private static readonly HookName Place = new(ResidPost, 2);

    [Fact]
    public void PlantedDirection_InNoise_IsRecovered()
    {
        const int Width = 64;
        using var scope = NewDisposeScope();
        var generator = new Generator(3);
        Tensor Noise(long rows) => randn([rows, Width], dtype: ScalarType.Float32, generator: generator);
        var planted = new SteeringVector(Enumerable.Repeat(0.0, Width).ToArray().Select((_, i) => i % 7 - 2.5).ToArray()).WithNorm(3);
        // Pairs share their context, which is far larger than the direction.
        var context = Noise(600) * 4;
        var (positive, negative) = (context + Noise(600) * 0.5 + planted.ToTensor() / 2, context + Noise(600) * 0.5 - planted.ToTensor() / 2);

        var paired = Directions.PrincipalDifference(positive, negative, Place);
        var mean = Directions.MeanDifference(Noise(2000) + planted.ToTensor(), Noise(1500), Place);

        Record("mean difference", mean.Cosine(planted));
        Record("LAT", paired.Cosine(planted));
        paired.Norm.ShouldBe(3, 0.1);
        Directions.PrincipalDifference(negative, positive).Cosine(planted).ShouldBeLessThan(-0.99); // the sign follows the sides
        Directions.PrincipalDifference(positive[..40], negative[..40]).Cosine(planted).ShouldBeGreaterThan(0.9); // fewer pairs than dimensions
        (paired.Provenance.Method, paired.Origin).ShouldBe(("principal difference", Place));
    }

    [Fact]
    public void PrincipalDifference_AgainstASingularValueDecomposition_IsItsFirstVector()
    {
        using var scope = NewDisposeScope();
        var generator = new Generator(1);
        foreach (var (pairs, width) in new[] { (30, 8), (6, 20) })
        {
            var (a, b) = (randn([pairs, width], dtype: ScalarType.Float64, generator: generator), randn([pairs, width], dtype: ScalarType.Float64, generator: generator));
            var found = Directions.PrincipalDifference(a, b, seed: 4).Normalised();
            var signs = Enumerable.Range(0, pairs).Select(i => i % 2 == 0 ? 1.0 : -1.0).ToArray();
            new Random(4).Shuffle(signs);
            var rows = (a - b) * tensor(signs, [pairs, 1]);
            rows -= rows.mean([0L]);
            var (_, _, v) = SmallMatrices.Svd(SmallMatrices.Of(rows.Doubles(), pairs, width));
            var first = new SteeringVector([.. Enumerable.Range(0, width).Select(i => v[i * (v.Length / width)])]);
            Math.Abs(found.Cosine(first)).ShouldBe(1, 1e-10);
        }
    }

    [Fact]
    public void Vector_Arithmetic_IsThatOfItsNumbers()
    {
        var (a, b) = (new SteeringVector([3, 4, 0], Place), new SteeringVector([0, 1, 1]));
        a.Norm.ShouldBe(5);
        a.Cosine(b).ShouldBe(4 / (5 * Math.Sqrt(2)), 1e-15);
        (a + b).Values.ToArray().ShouldBe([3, 5, 1]);
        (a - b).Values.ToArray().ShouldBe([3, 3, -1]);
        (-a * 2).Values.ToArray().ShouldBe([-6, -8, 0]);
        a.Normalised().Norm.ShouldBe(1, 1e-15);
        a.Without(b).Cosine(b).ShouldBe(0, 1e-15);
        using var projection = a.Project(tensor(new[] { 5.0, 0, 7, 0, 10, 1 }, [2, 3]));
        projection.data<double>().ToArray().ShouldBe([3, 8]);
        (a * 2).Origin.ShouldBe(Place);
        a.Random(1).Values.ToArray().ShouldBe(a.Random(1).Values.ToArray());
        a.Random(1).Values.ToArray().ShouldNotBe(a.Random(2).Values.ToArray());
        (a.Random(1).Norm, a.Random(1).Provenance.Seed).ShouldBe((5, 1L));
        a.ToString().ShouldBe("direction at blocks.2.hook_resid_post, 3 wide, norm 5.000");
    }

    [Fact]
    public void Save_Load_GivesTheSameBits()
    {
        using var folder = new TemporaryFolder();
        var path = Path.Combine(folder.Path, "d.safetensors");
        var vectors = Enumerable.Range(0, 12).Select(i => new SteeringVector([i + 0.1, 1.0 / 3, Math.PI], new HookName(ResidPre, i), new Provenance { Method = "mean difference", Seed = i })).ToArray();
        SteeringVector.SaveAll(path, vectors);
        var read = SteeringVector.LoadAll(path);
        read.Select(v => v.ToString()).ShouldBe(vectors.Select(v => v.ToString()));
        foreach (var (ours, theirs) in read.Zip(vectors))
        {
            ours.Values.ToArray().ShouldBe(theirs.Values.ToArray());
            (ours.Provenance, ours.Origin).ShouldBe((theirs.Provenance, theirs.Origin));
        }
        Should.Throw<InvalidDataException>(() => SteeringVector.Load(path)).Message.ShouldContain("12 directions");
        new SteeringVector([1, 2]).Save(path);
        SteeringVector.Load(path).Origin.ShouldBeNull();
        using var ones = torch.ones([2]);
        Safetensors.Write(path, [("w", ones)]);
        Should.Throw<InvalidDataException>(() => SteeringVector.Load(path)).Message.ShouldContain("holds no directions");
    }

    [Fact]
    public void Vector_OfBadNumbers_SaysWhatIsWrong()
    {
        Should.Throw<ArgumentException>(() => new SteeringVector([1, double.NaN])).Message.ShouldContain("Component 1 of the direction is NaN");
        Should.Throw<ArgumentException>(() => new SteeringVector([0, 0])).Message.ShouldContain("all zero");
        Should.Throw<ArgumentException>(() => new SteeringVector([])).Message.ShouldContain("0 components");
        var a = new SteeringVector([1, 2]);
        Should.Throw<ArgumentException>(() => a - a).Message.ShouldContain("points nowhere");
        Should.Throw<ArgumentException>(() => a.Cosine(new SteeringVector([1]))).Message.ShouldContain("2 and 1 wide");
        Should.Throw<ArgumentException>(() => a.Without(a * 3)).Message.ShouldContain("nothing of it is left");
        Should.Throw<ArgumentOutOfRangeException>(() => a.WithNorm(0));
        Should.Throw<ArgumentOutOfRangeException>(() => Steer.Add(a, double.NaN)).Message.ShouldContain("strength is NaN");
        Should.Throw<ArgumentException>(() => Steer.ProjectOut()).Message.ShouldContain("no direction");
        using var scope = NewDisposeScope();
        Should.Throw<ArgumentException>(() => Directions.MeanDifference(full([2, 2], double.NaN), ones([2, 2]))).Message.ShouldContain("positive rows hold NaN");
        Should.Throw<ArgumentException>(() => Directions.MeanDifference(ones([2, 2]), ones([3, 2]))).Message.ShouldContain("Are its two sides the same?");
        Should.Throw<ArgumentException>(() => Directions.MeanDifference(ones([2, 2]), ones([3, 4]))).Message.ShouldContain("width = 2");
        Should.Throw<ArgumentException>(() => Directions.PrincipalDifference(ones([1, 2]), ones([1, 2]))).Message.ShouldContain("at least two");
        Should.Throw<ArgumentException>(() => a.Project(ones([2, 3]))).Message.ShouldContain("2 wide");
    }

    private static void Record(string how, double cosine)
    {
        Evidence.Record("planted-direction", cosine >= 0.99, $"{how}: cosine {cosine:F4}");
        cosine.ShouldBeGreaterThan(0.99);
    }
}
