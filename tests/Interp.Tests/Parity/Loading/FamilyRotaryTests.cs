namespace Interp.Tests.Parity.Loading;

using System.Text.Json.Nodes;
using Interp.Tests.Support;
using Shouldly;
using Xunit;
using static Interp.Sites;
using static TorchSharp.torch;

/// <summary>Rotations under each rope scaling, in a loaded model, against plain complex arithmetic on published definitions.</summary>
[Trait("Tier", "parity")]
public sealed class FamilyRotaryTests : IDisposable
{
    private const int Dim = 8;
    private const int Length = 11;
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [SkippableFact]
    public void Plain_Rotation_IsTheDefinition() => ShouldTurn("{\"rope_type\":\"default\"}", pair => Plain(pair), 1);

    [SkippableFact]
    public void Linear_Rotation_IsTheDefinition() => ShouldTurn("{\"rope_type\":\"linear\",\"factor\":4}", pair => Plain(pair) / 4, 1);

    // The context is 8, the text 11 long: the base grows by (2 · 11 / 8 - 1)^(8 / 6).
    [SkippableFact]
    public void Dynamic_Rotation_IsTheDefinition() => ShouldTurn(
        "{\"rope_type\":\"dynamic\",\"factor\":2,\"original_max_position_embeddings\":8}",
        pair => Math.Pow(10000 * Math.Pow(1.75, 8 / 6d), -2 * pair / 8d), 1);

    // Over 1,024 positions the pairs turn 163, 16.3, 1.63 and 0.163 times: 32 turns stand at pair 0.71, one turn at 2.2.
    // Rounded outwards to 0 and 3, the pairs are stretched by 0, 1/3, 2/3 and 1 of the way.
    [SkippableFact]
    public void Yarn_Rotation_IsTheDefinition() => ShouldTurn(
        "{\"rope_type\":\"yarn\",\"factor\":4,\"original_max_position_embeddings\":1024}",
        pair => Plain(pair) * (1 - pair / 3d) + Plain(pair) / 4 * (pair / 3d), 0.1 * Math.Log(4) + 1);

    [SkippableFact]
    public void LongRope_Rotation_IsTheDefinition() => ShouldTurn(
        "{\"rope_type\":\"longrope\",\"original_max_position_embeddings\":8,\"short_factor\":[1,1,1,1],\"long_factor\":[1,2,3,4]}",
        pair => Plain(pair) / (pair + 1), Math.Sqrt(1 + Math.Log(32 / 8d) / Math.Log(8)));

    [Fact]
    public void Apply_TextsThatGrow_TurnAsInOnePiece()
    {
        using var scope = NewDisposeScope();
        using var like = zeros([1], dtype: ScalarType.Float64);
        using var grown = new Rotary(new RotaryConfig(), Dim, 5000, like);
        var x = randn([1, 3000, 2, Dim], dtype: ScalarType.Float64);
        Parallel.For(0, 8, i => grown.Apply(x.narrow(1, 0, 300 * (i + 1)), 0, null).Dispose());

        var whole = grown.Apply(x, 0, null);
        var tail = grown.Apply(x.narrow(1, 2500, 500), 2500, null);

        GoldenCompare.Doubles(tail - whole.narrow(1, 2500, 500)).Max(Math.Abs).ShouldBe(0);
        var (ours, bare) = (GoldenCompare.Doubles(whole[0, 2999, 1]), GoldenCompare.Doubles(x[0, 2999, 1]));
        for (var pair = 0; pair < Dim / 2; pair++)
            ours[pair].ShouldBe(bare[pair] * Math.Cos(2999 * Plain(pair)) - bare[pair + 4] * Math.Sin(2999 * Plain(pair)), 1e-12);
    }

    private static double Plain(int pair) => Math.Pow(10000, -2 * pair / (double)Dim);

    private void ShouldTurn(string scaling, Func<int, double> frequency, double amplitude)
    {
        using var scope = NewDisposeScope();
        using var golden = GoldenFile.Open("llama");
        var source = Repository.Shared("golden", "llama");
        var config = JsonNode.Parse(File.ReadAllText(Path.Combine(source, "config.json")))!.AsObject();
        config["rope_scaling"] = JsonNode.Parse(scaling);
        File.WriteAllText(folder.File("config.json"), config.ToJsonString());
        File.Copy(Path.Combine(source, "model.safetensors"), folder.File("model.safetensors"));
        using var model = Models.Load(Path.GetDirectoryName(folder.File("config.json"))!, new LoadOptions { DType = ScalarType.Float64 });
        using var run = model.On(golden.Rows("tokens/clean")).Capture(Q, K, RotQ, RotK).Run();

        foreach (var (bare, turned) in new[] { (Q, RotQ), (K, RotK) })
            for (var layer = 0; layer < model.Config.Layers; layer++)
                Compare(GoldenCompare.Doubles(run[bare[layer]]), GoldenCompare.Doubles(run[turned[layer]]), frequency, amplitude, model.Config.Heads);
    }

    // Vectors of 8 numbers, [batch, pos, head]; numbers i and i + 4 are one complex number.
    private static void Compare(double[] bare, double[] turned, Func<int, double> frequency, double amplitude, int heads)
    {
        for (var vector = 0; vector < bare.Length / Dim; vector++)
            for (var pair = 0; pair < Dim / 2; pair++)
            {
                var (at, position) = (vector * Dim + pair, vector / heads % Length);
                var expected = new System.Numerics.Complex(bare[at], bare[at + 4]) * System.Numerics.Complex.FromPolarCoordinates(amplitude, position * frequency(pair));
                turned[at].ShouldBe(expected.Real, 1e-9);
                turned[at + 4].ShouldBe(expected.Imaginary, 1e-9);
            }
    }
}
