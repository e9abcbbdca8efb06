using System.Security.Cryptography;
using System.Text;

namespace Interp;

/// <summary>The parts a figure is put together from: either a body of HTML, or one SVG drawing.</summary>
/// <param name="Css">Rules that all start with <c>.ifig</c>.</param>
/// <param name="Body">HTML, or the inside of the SVG element where <paramref name="Size"/> is given.</param>
/// <param name="Size">Width and height of the SVG in pixels; null for HTML.</param>
/// <param name="Label">What a screen reader says of the SVG.</param>
/// <param name="Script">A script that finds its figure in the variable <c>fig</c>.</param>
internal sealed record FigureContent(string Css, string Body, (double Width, double Height)? Size = null, string Label = "", string Script = "")
{
    public string ToFragment()
    {
        var inner = Size is { } size ? SvgElement(size, "") : Body;
        // The identity comes from the content, so that the same figure is the same bytes, and a page that shows it twice still works.
        var id = "ifig-" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(inner + Script)))[..10];
        var html = new StringBuilder("<div class=\"ifig\" id=\"").Append(id).Append("\"><style>").Append(FigureStyle.Base).Append(Size is null ? $"#{id}{{padding:4px 20px}}" : "").Append(Css).Append("</style>");
        html.Append(inner).Append("<script>").Append(FigureScript.For(id, Script)).Append("</script></div>");
        return html.ToString();
    }

    public string? ToSvg() => Size is { } size ? SvgElement(size, $"<style>{FigureStyle.Svg}{Css}</style>") + "\n" : null;

    private string SvgElement((double Width, double Height) size, string style)
    {
        var (width, height) = (NumberText.Svg(size.Width), NumberText.Svg(size.Height));
        var classes = style.Length > 0 ? " class=\"ifig\"" : "";
        var svg = new StringBuilder("<svg xmlns=\"http://www.w3.org/2000/svg\"").Append(classes);
        svg.Append($" width=\"{width}\" height=\"{height}\" viewBox=\"0 0 {width} {height}\" role=\"img\" aria-label=\"{DisplayText.Html(Label)}\">");
        return svg.Append(style).Append("<rect class=\"bg\" width=\"100%\" height=\"100%\"/>").Append(Body).Append("</svg>").ToString();
    }
}
