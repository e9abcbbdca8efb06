namespace Interp.Tests.Unit.Numerics;

using Shouldly;
using Xunit;

[Trait("Tier", "unit")]
public sealed class LabelledArrayFileTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("interp-test-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void SaveJson_AwkwardNumbersAndLabels_LoadsBitForBit()
    {
        double[] values =
            [0.1 + 0.2, -0.0, double.NaN, double.PositiveInfinity, double.NegativeInfinity, double.Epsilon, double.MaxValue, 1e-300, Math.PI, -1.0 / 3, 0, 123456789.123456789];
        var array = new LabelledArray(
            [new Axis("layer", 3), new Axis("pos", ["</script>", " \n", "\"quoted\" 中文", ""])],
            values,
            "logit difference",
            new Provenance { Model = "m", Fingerprint = "abc", Method = "patching", Metric = "logit difference", Clean = 3.1, Corrupted = -3.2, Seed = 7 });
        var path = Path.Combine(folder, "array.json");
        array.SaveJson(path);

        var loaded = LabelledArray.LoadJson(path);
        loaded.Axes.ShouldBe(array.Axes);
        loaded.Quantity.ShouldBe(array.Quantity);
        loaded.Provenance.ShouldBe(array.Provenance);
        loaded.Values.ToArray().Select(BitConverter.DoubleToInt64Bits).ShouldBe(values.Select(BitConverter.DoubleToInt64Bits));
    }

    [Theory]
    [InlineData("{}", "its format is ''")]
    [InlineData("not json", "is not a labelled array")]
    [InlineData("""{"format":"interp.labelled-array/1","quantity":"x","axes":[{"name":"a","labels":["0"]}],"values":[1,2]}""", "[a 1] needs 1 values, 2 are given")]
    [InlineData("""{"format":"interp.labelled-array/1","quantity":"x","axes":[{"name":"a","labels":null}],"values":[1]}""", "is not a labelled array")]
    [InlineData("""{"format":"interp.labelled-array/1","quantity":"x","axes":[null],"values":[1]}""", "is not a labelled array")]
    [InlineData("""{"format":"interp.labelled-array/1","quantity":"x","values":[1]}""", "lacks its axes")]
    public void LoadJson_BrokenFile_SaysWhatIsWrong(string content, string message)
    {
        var path = Path.Combine(folder, "broken.json");
        File.WriteAllText(path, content);
        Should.Throw<InvalidDataException>(() => LabelledArray.LoadJson(path)).Message.ShouldContain(message);
    }

    [Fact]
    public void SaveCsv_AwkwardLabels_QuotesThemAndKeepsEveryDigit()
    {
        var array = new LabelledArray([new Axis("pos", ["a,b", " \"x\"", "\n"])], [0.1, -2, 1.0 / 3], "x");
        var path = Path.Combine(folder, "array.csv");
        array.SaveCsv(path);
        File.ReadAllText(path).ShouldBe("pos,value\n\"a,b\",0.1\n\" \"\"x\"\"\",-2\n\"\n\",0.3333333333333333\n");
    }
}
