namespace Interp.Notebooks.Tests.Rendering;

using Microsoft.DotNet.Interactive.Formatting;
using Shouldly;
using Xunit;

/// <summary>What a notebook shows of each type, by the formatter that it uses.</summary>
[Trait("Tier", "science")]
public sealed class RenderingTests(Results results) : IClassFixture<Results>
{
    [Fact]
    public void Formatter_OfEveryKindOfResult_FindsTheConvention()
    {
        List<string> wrong = [];
        var kinds = 0;
        foreach (var (name, value, holds) in results.All())
        {
            kinds++;
            var type = value.GetType();
            if (Formatter.GetPreferredMimeTypesFor(type).First() != HtmlFormatter.MimeType)
                wrong.Add($"{name}: HTML is not preferred");
            var html = value.ToDisplayString(HtmlFormatter.MimeType);
            // The formatter's own view of a type it does not know is a tree of its properties.
            if (html.Contains("dni-", StringComparison.Ordinal) || !html.Contains(holds, StringComparison.Ordinal))
                wrong.Add($"{name}: no {holds} in {html[..Math.Min(html.Length, 200)]}");
            if (html.Contains("<effect>", StringComparison.Ordinal) || html.Contains(">" + "</script>b", StringComparison.Ordinal))
                wrong.Add($"{name}: a label is markup");
            var text = value.ToDisplayString(PlainTextFormatter.MimeType);
            if (text.Length == 0 || text.StartsWith(type.FullName!, StringComparison.Ordinal) || text.StartsWith($"{type.Name} {{", StringComparison.Ordinal))
                wrong.Add($"{name}: the text is {text}");
        }
        Evidence.Record("notebooks-render", wrong.Count == 0, $"{kinds} kinds of values as HTML and as text, {wrong.Count} wrong; formatter {typeof(Formatter).Assembly.GetName().Version}");
        wrong.ShouldBeEmpty();
        kinds.ShouldBeGreaterThan(55);
    }

    [Fact]
    public void Formatter_ListOfResults_ShowsEachByItsOwnView()
    {
        var array = new LabelledArray([new Axis("pos", 2)], [1.5, 2], "effect");
        var html = new[] { array, array }.ToDisplayString(HtmlFormatter.MimeType);
        html.Split("<th>pos</th><th>effect</th>").Length.ShouldBe(3);
    }

    [Fact]
    public void Tensor_InANotebook_SaysShapeTypeDeviceAndValues()
    {
        using var tensor = TorchSharp.torch.tensor(new[] { 1f, 2.5f, -3f, 4f }, [2, 2]);
        tensor.ToString().ShouldBe("[2x2], type = Float32, device = cpu");
        var text = tensor.ToDisplayString(PlainTextFormatter.MimeType);
        text.ShouldContain("[2x2], type = Float32, device = cpu");
        text.ShouldContain("2.5");
        tensor.ToDisplayString(HtmlFormatter.MimeType).ShouldStartWith("<pre>[2x2]");
    }
}
