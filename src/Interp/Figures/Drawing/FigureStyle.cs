namespace Interp;

/// <summary>The style that every figure shares. Dark rules hold on screens only: paper is white.</summary>
internal static class FigureStyle
{
    public const string Dark = "@media screen and (prefers-color-scheme:dark)";

    /// <summary>Rules for the page around a figure.</summary>
    public const string Page =
        "html{background:#fff}body{margin:24px}body>div>.ifig+.ifig{margin-top:14px}" + Dark + "{html{background:#16181c}}@media print{body{margin:0}}";

    /// <summary>Rules inside a saved SVG.</summary>
    public const string Svg = """
        .ifig{font:12px system-ui,-apple-system,"Segoe UI","Helvetica Neue",Arial,"DejaVu Sans",sans-serif}
        .ifig text{fill:#24272c}.ifig .mute{fill:#636b76}.ifig .ttl{font-size:15px;font-weight:600}.ifig .sub{font-size:12px}.ifig .num{font-size:10.5px;font-variant-numeric:tabular-nums}
        .ifig .bg{fill:#fff}.ifig .ln{stroke:#c9cdd3;fill:none}.ifig .ax{stroke:#7b828c;fill:none}.ifig .v,.ifig .n{fill:#16181c;color:#16181c}.ifig .w,.ifig .m{fill:#fff;color:#fff}.ifig .na{fill:#b9bdc4}
        .ifig .cell:hover{stroke:#16181c;stroke-width:1.5}.ifig .tok{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace;font-size:11px}
        """ + Dark + """
        {.ifig text{fill:#e4e6ea}.ifig .mute{fill:#9aa2ad}.ifig .bg{fill:#16181c}.ifig .ln{stroke:#3a3f47}.ifig .ax{stroke:#89919c}.ifig .v,.ifig .m{fill:#fff;color:#fff}.ifig .w,.ifig .n{fill:#16181c;color:#16181c}.ifig .na{fill:#555b64}.ifig .cell:hover{stroke:#fff}}
        """;

    /// <summary>Rules of a figure in a page.</summary>
    public const string Base = Svg + """
        .ifig{color:#24272c;background:#fff;line-height:1.45;padding:4px;overflow-x:auto;print-color-adjust:exact;-webkit-print-color-adjust:exact}
        .ifig svg{display:block}.ifig h2{font-size:15px;font-weight:600;margin:0 0 2px}.ifig p{margin:0 0 10px;color:#636b76}
        .ifig .tip{position:fixed;z-index:9;pointer-events:none;white-space:pre;max-width:90vw;padding:5px 8px;border-radius:5px;background:#24272c;color:#fff;font-size:12px;line-height:1.4;box-shadow:0 2px 8px #0004;font-variant-numeric:tabular-nums}
        """ + Dark + """
        {.ifig{color:#e4e6ea;background:#16181c}.ifig p{color:#9aa2ad}.ifig .tip{background:#f2f3f5;color:#16181c}}
        """ + Paper;

    // Nothing is cut off on paper: pictures shrink to its width, and what belongs together stays on one page.
    private const string Paper =
        "@media print{.ifig{overflow:visible;padding:4px 0}.ifig>svg{max-width:100%;height:auto}.ifig .tip{display:none}.ifig svg,.ifig table,.ifig .row{break-inside:avoid}.ifig h2,.ifig p{break-after:avoid}}";
}
