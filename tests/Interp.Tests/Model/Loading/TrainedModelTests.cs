namespace Interp.Tests.Model.Loading;

using System.Text.Json;
using Interp.Tests.Support;
using Shouldly;
using Xunit;
using static TorchSharp.torch;

/// <summary>Really trained models, against logits of an independent float64 forward pass over the same file.</summary>
[Trait("Tier", "model")]
public sealed class TrainedModelTests
{
    [SkippableTheory]
    [InlineData("stories260K")]
    [InlineData("nano-sort-gpt2")]
    public void Load_TrainedModel_LogitsEqualTheReference(string name)
    {
        var folder = Repository.Shared("models", name);
        using var model = Models.Load(folder, new LoadOptions { DType = ScalarType.Float64 });
        using var document = JsonDocument.Parse(File.ReadAllText(Path.Combine(folder, "reference_logits.json")));

        foreach (var example in document.RootElement.GetProperty("cases").EnumerateArray())
        {
            using var scope = NewDisposeScope();
            int[] ids = [.. example.GetProperty("ids").EnumerateArray().Select(id => id.GetInt32())];
            var logits = model.On(ids).Logits(); // [1, pos, d_vocab]
            var last = TensorAssert.Doubles(logits.select(1, ids.Length - 1));
            var reference = example.GetProperty("last_logits").EnumerateArray().Select(value => value.GetDouble()).ToArray();
            last.Length.ShouldBe(reference.Length);
            last.Zip(reference, (ours, theirs) => Math.Abs(ours - theirs)).Max().ShouldBeLessThan(2e-6 * reference.Max(Math.Abs));
            var best = logits.argmax(-1).data<long>().ToArray();
            best.ShouldBe(example.GetProperty("argmax").EnumerateArray().Select(id => id.GetInt64()));
        }
    }

    [SkippableFact]
    public void Load_BFloat16Model_RunsInBothTypes()
    {
        using var scope = NewDisposeScope();
        var folder = Repository.Shared("models", "tiny-random-llama-bf16");
        using var wide = Models.Load(folder);
        using var narrow = Models.Load(folder, new LoadOptions { DType = ScalarType.BFloat16 });

        var exact = wide.On([1, 5, 9, 3]).Logits();
        var rounded = narrow.On([1, 5, 9, 3]).Logits().to(ScalarType.Float32);

        ((exact - rounded).norm() / exact.norm()).item<float>().ShouldBeInRange(1e-5f, 3e-2f);
    }
}
