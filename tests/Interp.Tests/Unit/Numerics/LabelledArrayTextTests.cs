namespace Interp.Tests.Unit.Numerics;

using Shouldly;
using Xunit;

[Trait("Tier", "unit")]
public sealed class LabelledArrayTextTests
{
    [Fact]
    public void ToTable_TwoAxes_AlignsColumns()
    {
        var array = new LabelledArray(
            [new Axis("layer", 2), new Axis("pos", ["<s>", " John", "\n"])], [0, 1.25, -2, double.NaN, -0.0001, 0.5], "effect", new Provenance { Seed = 3 });
        array.ToTable().ShouldBe(
            """
            effect [layer 2, pos 3], -2.000 to 1.250 (seed 3)
            layer \ pos    <s>  ·John       ⏎
            0            0.000  1.250  -2.000
            1              n/a  0.000   0.500

            """);
    }

    [Fact]
    public void ToTable_ThreeAxes_HeadsEachPanel()
    {
        var array = new LabelledArray([new Axis("layer", 2), new Axis("head", 1), new Axis("pos", 2)], [1, 2, 3, 4], "effect");
        array.ToTable().ShouldBe(
            """
            effect [layer 2, head 1, pos 2], 1.000 to 4.000
            layer 0
            head \ pos      0      1
            0           1.000  2.000
            layer 1
            head \ pos      0      1
            0           3.000  4.000

            """);
    }

    [Fact]
    public void ToTable_Narrow_ContinuesBelowWithTheFirstColumn()
    {
        var array = new LabelledArray([new Axis("l", 1), new Axis("p", 4)], [1, 2, 3, 4], "e");
        var lines = array.ToTable(width: 22).Split('\n');
        lines.ShouldContain("l \\ p      0      1");
        lines.ShouldContain("l \\ p      2      3");
        lines.ShouldAllBe(line => line.Length <= 29);
    }

    [Fact]
    public void ToString_ManyRows_IsShortened()
    {
        var text = new LabelledArray([new Axis("pos", 1000)], new double[1000], "e").ToString();
        text.Split('\n').Length.ShouldBe(27);
        text.ShouldEndWith("...");
    }

    [Fact]
    public void ToTable_WideCharacters_CountTwoColumns() =>
        new LabelledArray([new Axis("token", ["中文", "ab"])], [1, 2], "p").ToTable().ShouldContain("中文   1.000\nab     2.000");

    [Theory]
    [InlineData(" John", "·John")]
    [InlineData("a b", "a b")]
    [InlineData("3  John /  Mary", "3 ·John / ·Mary")]
    [InlineData("\n\n", "⏎⏎")]
    [InlineData("\u0000", "\u2400")]
    [InlineData("a\u202Eb\u200B", "a\\u202eb\\u200b")]
    [InlineData("", "∅")]
    public void Visible_Label_ShowsWhatIsHidden(string label, string shown) => DisplayText.Visible(label).ShouldBe(shown);

    [Fact]
    public void Html_Markup_IsEscaped() =>
        DisplayText.Html("</script><s a='1'>&\"\u0001").ShouldBe("&lt;/script&gt;&lt;s a=&#39;1&#39;&gt;&amp;&quot;\uFFFD");

    [Theory]
    [InlineData(1234.5678, "1235")]
    [InlineData(-0.00001234, "-1.23e-5")]
    [InlineData(1e9, "1.00e+9")]
    [InlineData(-0.0, "0.0")]
    [InlineData(double.NegativeInfinity, "-inf")]
    public void Short_Number_KeepsFourDigits(double value, string text) => NumberText.Short(value).ShouldBe(text);
}
