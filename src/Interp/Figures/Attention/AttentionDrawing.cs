using System.Text;
using System.Text.Json;

namespace Interp;

/// <summary>Lays out an attention pattern; its script draws the maps.</summary>
internal sealed class AttentionDrawing(LabelledArray pattern, Axis heads, Axis queries, Axis keys)
{
    private const double MapSize = 460;

    private const string Css = """
        .ifig .hs{display:flex;flex-wrap:wrap;gap:6px;margin-bottom:14px}
        .ifig .hs button{all:unset;cursor:pointer;text-align:center;font-size:11px;color:#636b76;border-radius:4px;padding:3px;border:1px solid transparent}
        .ifig .hs button:hover,.ifig .hs button:focus-visible{border-color:#7b828c}.ifig .hs button.on{border-color:#1d65a8;color:#24272c;font-weight:600}
        .ifig canvas{display:block;image-rendering:pixelated;box-shadow:0 0 0 1px #c9cdd3}
        .ifig .row{display:flex;flex-wrap:wrap;gap:8px 32px;align-items:flex-start}.ifig .map{position:relative;flex:none}.ifig .map canvas{position:absolute}.ifig .map svg{position:relative}
        .ifig .cross{fill:none;stroke:#c8541a;stroke-width:1.3;pointer-events:none}
        .ifig .txt{flex:1 1 280px;max-width:640px}.ifig .txt label{margin-right:12px;color:#636b76;cursor:pointer}
        .ifig .toks{margin-top:8px;line-height:2.1;font:12.5px/2.1 ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace}
        .ifig .toks span{padding:2px 3px;border-radius:3px;cursor:default;margin-right:1px;white-space:pre;unicode-bidi:plaintext}.ifig .toks .at{outline:1.5px solid #c8541a}
        .ifig .out{min-height:9em;margin-top:8px;color:#636b76;font-variant-numeric:tabular-nums;white-space:pre-wrap}
        """ + FigureStyle.Dark + """
        {.ifig .hs button,.ifig .txt label,.ifig .out{color:#9aa2ad}.ifig .hs button.on{border-color:#62a9e6;color:#e4e6ea}.ifig canvas{box-shadow:0 0 0 1px #3a3f47}
        .ifig .cross{stroke:#dd7b45}.ifig .toks .at{outline-color:#dd7b45}}
        """;

    public FigureContent Draw(string title)
    {
        var html = new StringBuilder("<h2>").Append(DisplayText.Html(title)).Append("</h2><p>");
        html.Append(DisplayText.Html(Subtitle())).Append("</p><noscript>This figure is drawn by its script.</noscript>");
        if (pattern.Count == 0)
            return new FigureContent(Css, html.Append("<p>There is nothing to draw.</p>").ToString());

        html.Append("<div class=\"hs\">");
        if (heads.Length > 1)
            for (var h = 0; h < heads.Length; h++)
                html.Append($"<button type=\"button\"><canvas></canvas>{DisplayText.Html(AxisLabels.Name(heads, h))}</button>");
        html.Append("</div><div class=\"row\">").Append(Map(out var plot)).Append("<div class=\"txt\"><div>");
        html.Append($"<label><input type=\"radio\" checked> {DisplayText.Html(queries.Name)} attends to</label>");
        html.Append($"<label><input type=\"radio\"> {DisplayText.Html(keys.Name)} is attended by</label></div><div class=\"toks\"></div><div class=\"out\"></div>");
        ColourKey.Append(html, Palette.Sequential, "0", "1 probability");
        html.Append("</div></div>");
        return new FigureContent(Css + ColourKey.Css + Palette.Sequential.Css("background"), html.ToString(), Script: $"var D={Data(plot)};{AttentionScript.Text}");
    }

    private string Subtitle()
    {
        var hint = heads.Length > 1 ? "Point at a head, a cell or a token; click keeps a head." : "Point at a cell or a token.";
        return pattern.Provenance.IsEmpty() ? hint : $"{pattern.Provenance}. {hint}";
    }

    /// <summary>The frame of the large map: labels in SVG above a canvas of one pixel a cell.</summary>
    private string Map(out (double X, double Y, double Cell) plot)
    {
        var cell = Math.Clamp(Math.Floor(MapSize / Math.Max(queries.Length, keys.Length)), 2, 28);
        var (down, across) = (AxisLabels.Down(queries, cell), AxisLabels.Across(keys, cell));
        plot = (Math.Ceiling(down.Width + 26), 2, cell);
        var (width, height) = (keys.Length * cell, queries.Length * cell);
        var svg = new SvgBuilder();
        down.DrawLeft(svg, plot.X, plot.Y, cell);
        across.DrawBelow(svg, plot.X, plot.Y + height, cell);
        svg.Text(plot.X + width / 2, plot.Y + height + across.Depth + 14, keys.Name, "mute", "middle");
        svg.Text(12, plot.Y + height / 2, queries.Name, "mute", "middle", -90);
        svg.Rect(0, 0, 0, 0, "cross").Rect(0, 0, 0, 0, "cross");
        var (outerWidth, outerHeight) = (SvgBuilder.N(plot.X + width + 4), SvgBuilder.N(plot.Y + height + across.Depth + 20));
        var place = $"left:{SvgBuilder.N(plot.X)}px;top:{SvgBuilder.N(plot.Y)}px;width:{SvgBuilder.N(width)}px;height:{SvgBuilder.N(height)}px";
        return $"<div class=\"map\"><canvas style=\"{place}\"></canvas><svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{outerWidth}\" height=\"{outerHeight}\">{svg}</svg></div>";
    }

    private string Data((double X, double Y, double Cell) plot)
    {
        var bytes = new byte[pattern.Count];
        for (var i = 0; i < bytes.Length; i++)
            bytes[i] = (byte)Math.Round(Math.Clamp(pattern.Values[i], 0, 1) * 255);
        // The serializer's own escapes keep every < out of the script.
        return JsonSerializer.Serialize(new
        {
            heads = Enumerable.Range(0, heads.Length).Select(h => heads.Labels[h].Length == 0 ? "" : AxisLabels.Name(heads, h)),
            queryName = queries.Name,
            keyName = keys.Name,
            queries = queries.Labels.Select(DisplayText.Token),
            keys = keys.Labels.Select(DisplayText.Token),
            same = queries.Labels.SequenceEqual(keys.Labels),
            x = plot.X,
            y = plot.Y,
            cell = plot.Cell,
            small = heads.Length > 8 ? 72 : 96,
            light = string.Concat(Palette.Sequential.Light),
            dark = string.Concat(Palette.Sequential.Dark),
            data = Convert.ToBase64String(bytes),
        });
    }
}
