namespace Interp.Tests.Unit.Figures;

using Shouldly;
using Xunit;

/// <summary>Does what the formatter of .NET Interactive does: everything is found by name.</summary>
[Trait("Tier", "unit")]
public sealed class NotebookTests
{
    private static readonly LabelledArray Array = new([new Axis("pos", ["</script>"])], [1.5], "<effect>");

    public static TheoryData<object> Shown => [Array, Array.Heatmap(), Array.Compare(Array), new LensTable(new Axis("layer", 0), new Axis("pos", 0), [])];

    [Theory, MemberData(nameof(Shown), DisableDiscoveryEnumeration = true)]
    public void Formatter_FoundByName_WritesHtml(object value)
    {
        var attribute = value.GetType().GetCustomAttributes(inherit: true).Single(a => a.GetType().Name == "TypeFormatterSourceAttribute");
        var sourceType = (Type)attribute.GetType().GetProperty("FormatterSourceType")!.GetValue(attribute)!;
        var source = Activator.CreateInstance(sourceType)!;
        var formatters = (IEnumerable<object>)sourceType.GetMethod("CreateTypeFormatters")!.Invoke(source, null)!;
        var formatter = formatters.Single(f => "text/html".Equals(f.GetType().GetProperty("MimeType")!.GetValue(f)));
        var writer = new StringWriter();
        formatter.GetType().GetMethod("Format")!.Invoke(formatter, [value, writer]).ShouldBe(true);
        writer.ToString().ShouldStartWith("<div");
        writer.ToString().ShouldNotContain("<effect>");
    }

    [Fact]
    public void LabelledArray_Html_IsATableWithEscapedLabels()
    {
        var html = ((INotebookView)Array).Html;
        html.ShouldContain("<th>&lt;/script&gt;</th><td>1.500</td>");
        html.ShouldNotContain("<effect>");
    }
}
