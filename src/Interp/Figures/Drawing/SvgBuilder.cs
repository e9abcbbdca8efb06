using System.Text;

namespace Interp;

/// <summary>Writes the elements of an SVG. Text is escaped here and nowhere else.</summary>
internal sealed class SvgBuilder
{
    private readonly StringBuilder svg = new();

    public SvgBuilder Text(double x, double y, string text, string classes = "", string anchor = "start", double rotate = 0, string extra = "")
    {
        svg.Append("<text x=\"").Append(N(x)).Append("\" y=\"").Append(N(y)).Append('"');
        if (classes.Length > 0)
            svg.Append(" class=\"").Append(classes).Append('"');
        if (anchor != "start")
            svg.Append(" text-anchor=\"").Append(anchor).Append('"');
        if (rotate != 0)
            svg.Append($" transform=\"rotate({N(rotate)} {N(x)} {N(y)})\"");
        svg.Append(extra).Append('>').Append(DisplayText.Html(text)).Append("</text>");
        return this;
    }

    public SvgBuilder Rect(double x, double y, double width, double height, string classes, string? tip = null, string extra = "")
    {
        svg.Append($"<rect x=\"{N(x)}\" y=\"{N(y)}\" width=\"{N(width)}\" height=\"{N(height)}\" class=\"{classes}\"{extra}");
        return Close("rect", tip);
    }

    public SvgBuilder Line(double x1, double y1, double x2, double y2, string classes, string extra = "")
    {
        svg.Append($"<path d=\"M{N(x1)} {N(y1)}L{N(x2)} {N(y2)}\" class=\"{classes}\"{extra}/>");
        return this;
    }

    public SvgBuilder Circle(double x, double y, double radius, string classes, string? tip = null)
    {
        svg.Append($"<circle cx=\"{N(x)}\" cy=\"{N(y)}\" r=\"{N(radius)}\" class=\"{classes}\"");
        return Close("circle", tip);
    }

    public SvgBuilder Path(string data, string classes, string? tip = null)
    {
        svg.Append("<path d=\"").Append(data).Append("\" class=\"").Append(classes).Append('"');
        return Close("path", tip);
    }

    public override string ToString() => svg.ToString();

    /// <summary>A coordinate as SVG takes it.</summary>
    public static string N(double value) => NumberText.Svg(value);

    private SvgBuilder Close(string element, string? tip)
    {
        if (tip is null)
            svg.Append("/>");
        else
            svg.Append("><title>").Append(DisplayText.Html(tip)).Append("</title></").Append(element).Append('>');
        return this;
    }
}
