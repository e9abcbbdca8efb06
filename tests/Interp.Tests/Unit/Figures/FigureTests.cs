namespace Interp.Tests.Unit.Figures;

using System.Text.RegularExpressions;
using System.Xml.Linq;
using Shouldly;
using Xunit;

[Trait("Tier", "unit")]
public sealed class FigureTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("interp-test-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    private static Figure Sample() => new LabelledArray([new Axis("pos", ["</script>", "<s>", "&"])], [1, 2, 3], "<b>bold</b>").Heatmap("</title><script>alert(1)</script>");

    [Fact]
    public void Html_HostileText_IsEscapedEverywhere()
    {
        var html = Sample().Html;
        Regex.Count(html, "<script").ShouldBe(1);
        Regex.Count(html, "</script").ShouldBe(1);
        html.ShouldNotContain("<b>");
        html.ShouldNotContain("<s>");
        html.ShouldContain("<title>&lt;/title&gt;&lt;script&gt;alert(1)&lt;/script&gt;</title>");
    }

    [Fact]
    public void Html_AnyFigure_NamesNoAddress()
    {
        var html = Sample().Html.Replace("xmlns=\"http://www.w3.org/2000/svg\"", "");
        html.ShouldNotContain("http:");
        html.ShouldNotContain("https:");
        html.ShouldNotContain("src=");
        html.ShouldNotContain("@import");
        html.ShouldNotContain("url(");
        html.ShouldContain("default-src 'none'");
    }

    [Fact]
    public void Save_ByExtension_WritesPageOrPicture()
    {
        var figure = Sample();
        var (page, picture) = (Path.Combine(folder, "new", "a.html"), Path.Combine(folder, "a.SVG"));
        figure.Save(page);
        figure.Save(picture);
        File.ReadAllText(page).ShouldBe(figure.Html);
        XDocument.Load(picture).Root!.Name.LocalName.ShouldBe("svg");
        Should.Throw<ArgumentException>(() => figure.Save(Path.Combine(folder, "a.png"))).Message.ShouldContain(".html or .svg, not as '.png'");
    }

    [Fact]
    public void Svg_FigureOfHtml_SaysHowToSave()
    {
        var page = Figure.Page("All", Sample(), Sample());
        page.HasSvg.ShouldBeFalse();
        Should.Throw<NotSupportedException>(() => page.Svg).Message.ShouldContain("save it as .html");
        Regex.Count(page.Html, "class=\"ifig\"").ShouldBe(2);
    }

    [Fact]
    public void Html_SameInput_IsTheSameBytes() => Sample().Html.ShouldBe(Sample().Html);

    [Fact]
    public void ToString_Figure_NamesTitleAndSize() =>
        new LabelledArray([new("a", 1)], [1], "x").Heatmap("Heads").ToString().ShouldMatch(@"^Figure 'Heads' \(\d+ KB\)$");
}
