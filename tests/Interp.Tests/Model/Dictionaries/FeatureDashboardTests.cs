namespace Interp.Tests.Model.Dictionaries;

using System.Text.Json;
using Interp.Tests.Support;
using Shouldly;
using TorchSharp;
using Xunit;
using static Interp.Sites;
using static TorchSharp.torch;

/// <summary>Feature dashboards against plain loops over the texts.</summary>
[Trait("Tier", "model")]
public sealed class FeatureDashboardTests
{
    private static readonly HookName At = new(ResidPost, 1);

    [Theory]
    [InlineData(PaddingSide.Right)]
    [InlineData(PaddingSide.Left)]
    public void FeatureDashboards_SeveralBatches_EqualsPlainLoops(PaddingSide side)
    {
        using var model = TinyModel.Random(TinyModel.Gpt2);
        using var dictionary = Dictionary();
        int[][] texts = [.. Enumerable.Range(0, 30).Select(i => new Random(i).GetItems(Enumerable.Range(0, 29).ToArray(), 4 + i % 6))];
        var options = new DashboardOptions { Top = 5, Before = 3, After = 2, Without = [7], Drawn = 1000 };
        var boards = model.FeatureDashboards(dictionary, texts.Chunk(7).Select(rows => RunInput.Of(rows, side)), options);
        var acts = texts.Select(row => Acts(model, dictionary, row)).ToArray();
        boards.Features.Count.ShouldBe(40);
        foreach (var page in boards.Features)
        {
            var places = (from t in Enumerable.Range(0, texts.Length) from p in Enumerable.Range(0, texts[t].Length)
                where texts[t][p] != 7 && acts[t][p, page.Feature] > 0 select (Text: t, Position: p, Value: (float)acts[t][p, page.Feature])).ToArray();
            page.Rows.ShouldBe(texts.Sum(t => t.Count(token => token != 7)));
            page.Active.ShouldBe(places.Length);
            page.Histogram.Counts.Sum().ShouldBe(places.Length);
            if (places.Length == 0)
                continue;
            page.MaxActivation.ShouldBe(places.Max(p => p.Value), 1e-6);
            page.MeanActivation.ShouldBe(places.Average(p => p.Value), 1e-6);
            var best = places.GroupBy(p => p.Text).Select(g => g.MaxBy(p => p.Value)).OrderByDescending(p => p.Value).Take(5).ToArray();
            page.Groups[0].Examples.Select(e => (e.Text, e.Position)).ShouldBe(best.Select(b => (b.Text, b.Position)));
            var first = page.Groups[0].Examples[0];
            first.Tokens.ShouldBe(texts[first.Text][Math.Max(0, first.Position - 3)..Math.Min(texts[first.Text].Length, first.Position + 3)].Select(id => model.TokenText(id)));
            first.Activation.ShouldBe(best[0].Value, 1e-6f);
            for (var i = 0; i < first.Tokens.Length; i++)
                first.Activations[i].ShouldBe(texts[first.Text][first.Position - first.Focus + i] == 7 ? 0 : (float)acts[first.Text][first.Position - first.Focus + i, page.Feature], 1e-6f);
            // All places were drawn, so that the bands are the quantiles themselves.
            var ordered = places.Select(p => p.Value).OrderDescending().ToArray();
            page.Groups[1].High.ShouldBe(ordered[0], 1e-6);
            page.Groups[^1].Low.ShouldBe(ordered[^1], 1e-6);
        }
        boards.Features.Sum(f => f.Density).ShouldBe(5, 1e-9);
    }

    [Fact]
    public void FeatureDashboards_LogitsAndSimilar_EqualTheWeights()
    {
        using var scope = NewDisposeScope();
        using var model = TinyModel.Random(TinyModel.Gpt2);
        using var dictionary = Dictionary();
        var boards = model.FeatureDashboards(dictionary, [TinyModel.Tokens(TinyModel.Gpt2, 2, 6, 1)], new DashboardOptions { Features = [31, 4], Logits = 3, Similar = 2 });
        boards.Features.Select(f => f.Feature).ShouldBe([31, 4]);
        var weights = GoldenCompare.Doubles(dictionary.LogitWeights(model, [4]));
        boards[4].TopLogits.Select(t => t.Weight).ShouldBe(weights.OrderDescending().Take(3), 1e-12);
        boards[4].BottomLogits.Select(t => t.Id).ShouldBe(weights.Index().OrderBy(w => w.Item).Take(3).Select(w => w.Index));
        var decoder = dictionary.Weights.Decoder;
        var cosines = GoldenCompare.Doubles(decoder.matmul(decoder[4]) / decoder.norm(-1) / decoder[4].norm());
        boards[4].Similar.Select(s => s.Feature).ShouldBe(cosines.Index().Where(c => c.Index != 4).OrderByDescending(c => c.Item).Take(2).Select(c => c.Index));
        Should.Throw<KeyNotFoundException>(() => boards[5]).Message.ShouldContain("DashboardOptions.Features");
    }

    [Fact]
    public void Save_Folder_HoldsIndexPagesAndLines()
    {
        using var folder = new TemporaryFolder();
        using var model = TinyModel.Random(TinyModel.Gpt2);
        using var dictionary = Dictionary();
        var boards = model.FeatureDashboards(dictionary, [TinyModel.Tokens(TinyModel.Gpt2, 20, 8, 1)], new DashboardOptions { Features = [3, 17] });
        boards.Save(folder.Path);
        Directory.GetFiles(folder.Path).Select(Path.GetFileName).Order().ShouldBe(["feature-17.html", "feature-3.html", "features.jsonl", "index.html"]);
        File.ReadAllText(folder.File("index.html")).ShouldContain("href=\"feature-17.html\"");
        var lines = File.ReadAllLines(folder.File("features.jsonl"));
        using var json = JsonDocument.Parse(lines[1]);
        json.RootElement.GetProperty("feature").GetInt32().ShouldBe(17);
        json.RootElement.GetProperty("density").GetDouble().ShouldBe(boards[17].Density);
        json.RootElement.GetProperty("groups")[0].GetProperty("examples")[0].GetProperty("tokens").GetArrayLength().ShouldBe(boards[17].Groups[0].Examples[0].Tokens.Length);
        var again = model.FeatureDashboards(dictionary, [TinyModel.Tokens(TinyModel.Gpt2, 20, 8, 1)], new DashboardOptions { Features = [3, 17] });
        again[17].Figure().Html.ShouldBe(boards[17].Figure().Html);
    }

    [Fact]
    public void FeatureDashboards_MoreThanTheBudget_SaysHowMuch()
    {
        using var model = TinyModel.Random(TinyModel.Gpt2);
        using var dictionary = Dictionary();
        var message = Should.Throw<InvalidOperationException>(() => model.FeatureDashboards(dictionary, [], new DashboardOptions { ByteBudget = 100_000 })).Message;
        message.ShouldContain("the budget is 100,000");
        message.ShouldContain("40 features");
        Should.Throw<ArgumentException>(() => model.FeatureDashboards(dictionary, [], new DashboardOptions { Features = [40], Top = 0 })).Message
            .ShouldSatisfyAllConditions(m => m.ShouldContain("feature 40"), m => m.ShouldContain("Top is 0"));
    }

    [Fact]
    public void FeatureDashboards_ManyTexts_StayWithinTheBudgetAndLeaveNothing()
    {
        using var model = TinyModel.Random(TinyModel.Gpt2);
        using var dictionary = Dictionary();
        var read = 0;
        IEnumerable<RunInput> Texts()
        {
            for (var i = 0; i < 40; i++, read++)
                yield return TinyModel.Tokens(TinyModel.Gpt2, 8, 12, i);
        }
        FeatureDashboards? boards = null;
        LiveTensors.ShouldStayEqual(() => boards = model.FeatureDashboards(dictionary, Texts(), new DashboardOptions { Top = 4, Bands = 2, PerBand = 2, Drawn = 16 }));
        read.ShouldBe(40);
        boards!.Features.ShouldAllBe(f => f.Groups.Length == 0 || (f.Groups.Length <= 3 && f.Groups[0].Examples.Length <= 4));
        boards.Features.Where(f => f.Active > 100).ShouldNotBeEmpty();
    }

    [Fact]
    public void FeatureDashboards_HostileTokens_AreEscapedEverywhere()
    {
        const string hostile = "</script><script>window.broken=1</script>";
        ActivationExample example = new(0, 1, 1, ["a", hostile, "\"><img src=x>"], [0, 2, 1]);
        var page = new FeatureDashboard
        {
            Feature = 3, Dictionary = hostile, Rows = 10, Active = 2, MaxActivation = 2, MeanActivation = 1.5, Histogram = new ActivationHistogram(0.5, [0, 1, 0, 1]),
            TopLogits = [new TokenWeight(hostile, 1, 2)], BottomLogits = [new TokenWeight(hostile, 1, -2)], Similar = [new SimilarFeature(4, 0.5)],
            Groups = [new ExampleGroup(hostile, 1, 2, [example])],
        };
        var boards = new FeatureDashboards(hostile, [page]);
        foreach (var html in new[] { page.Figure().Html, boards.Index(linked: true).Html })
        {
            html.ShouldNotContain("<script>window");
            html.ShouldNotContain("<img");
            html.ShouldContain("&lt;/script&gt;");
        }
        page.ToString().ShouldContain("feature 3");
    }

    [Fact]
    public void FeatureDashboards_DeadFeature_SaysSo()
    {
        using var model = TinyModel.Random(TinyModel.Gpt2);
        using var dictionary = Dictionary();
        using (no_grad())
            dictionary.Weights.EncoderBias[4] = -1000;
        var page = model.FeatureDashboards(dictionary, [TinyModel.Tokens(TinyModel.Gpt2, 2, 6, 1)], new DashboardOptions { Features = [4] })[4];
        page.Active.ShouldBe(0);
        page.Groups.ShouldBeEmpty();
        page.Figure().Html.ShouldContain("Dead: never active in 12 rows");
    }

    [Fact]
    public void FeatureDashboards_TranscoderAndAttention_HavePages()
    {
        using var model = TinyModel.Random(TinyModel.Llama);
        foreach (var (input, output) in new[] { (new HookName(MlpInput, 1), new HookName(MlpOutRaw, 1)), (new HookName(Z, 0), new HookName(Z, 0)) })
        {
            using var dictionary = Dictionary(input, output);
            var boards = model.FeatureDashboards(dictionary, [TinyModel.Tokens(TinyModel.Llama, 3, 6, 1)]);
            boards.Features.Sum(f => f.Active).ShouldBe(5 * 18);
            boards.Features[0].TopLogits.Length.ShouldBe(10);
        }
    }

    private static double[,] Acts(HookedTransformer model, SparseDictionary dictionary, int[] row)
    {
        using var scope = NewDisposeScope();
        using var run = model.On(row).Capture(At).WithoutLogits().Run();
        var values = GoldenCompare.Doubles(dictionary.Encode(run[At]));
        var result = new double[row.Length, 40];
        Buffer.BlockCopy(values, 0, result, 0, values.Length * sizeof(double));
        return result;
    }

    private static SparseDictionary Dictionary(HookName? input = null, HookName? output = null) => SparseDictionary.Initialise(
        new DictionaryConfig
        {
            DIn = 16, Width = 40, Activation = LatentActivation.TopK(5), Input = input ?? At, Output = output ?? At, CentreInput = input == output,
        }, 1, DictionaryRecipe.DictionaryLearning, ScalarType.Float64);
}
