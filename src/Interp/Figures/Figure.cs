using System.Text;

namespace Interp;

/// <summary>
/// A drawing that needs nothing but itself: no network, no other file. It follows the reader's light or dark setting, prints in
/// light, and shows itself in a notebook.
/// </summary>
[TypeFormatterSource(typeof(NotebookFormatters))]
public sealed class Figure : INotebookView
{
    private const string NothingIsFetched =
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:\">";

    private readonly string? svg;

    internal Figure(string title, FigureContent content)
    {
        Title = title;
        Fragment = content.ToFragment();
        svg = content.ToSvg();
    }

    private Figure(string title, string fragment)
    {
        Title = title;
        Fragment = fragment;
    }

    /// <summary>The title, as given.</summary>
    public string Title { get; }

    /// <summary>The drawing as one HTML element with its style and script, to put into a page or a notebook cell.</summary>
    public string Fragment { get; }

    /// <summary>The drawing as a complete page.</summary>
    public string Html
    {
        get
        {
            var page = new StringBuilder("<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">");
            page.Append(NothingIsFetched).Append("<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\"><title>");
            page.Append(DisplayText.Html(Title)).Append("</title><style>").Append(FigureStyle.Page).Append("</style></head><body>\n");
            return page.Append(Fragment).Append("\n</body></html>\n").ToString();
        }
    }

    /// <summary>Whether the drawing is a single picture, which <see cref="Svg"/> gives.</summary>
    public bool HasSvg => svg is not null;

    /// <summary>The drawing as one SVG document.</summary>
    /// <exception cref="NotSupportedException">The drawing is made of HTML: tables, tokens, attention patterns.</exception>
    public string Svg => svg ?? throw new NotSupportedException($"The figure '{Title}' is made of HTML and has no SVG: save it as .html.");

    string INotebookView.Html => Fragment;

    /// <summary>Several figures on one page, below each other.</summary>
    /// <param name="title">The page's title.</param>
    /// <param name="figures">The figures, in order.</param>
    public static Figure Page(string title, params IEnumerable<Figure> figures)
    {
        ArgumentNullException.ThrowIfNull(title);
        var body = new StringBuilder("<div>");
        foreach (var figure in figures)
            body.Append(figure.Fragment).Append('\n');
        return new Figure(title, body.Append("</div>").ToString());
    }

    /// <summary>Saves the figure: a page where the path ends in <c>.html</c> or <c>.htm</c>, a picture where it ends in <c>.svg</c>.</summary>
    /// <exception cref="ArgumentException">The path ends otherwise.</exception>
    /// <exception cref="NotSupportedException">An SVG is asked for, and the drawing is made of HTML.</exception>
    public void Save(string path)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        var content = Path.GetExtension(path).ToLowerInvariant() switch
        {
            ".html" or ".htm" => Html,
            ".svg" => Svg,
            var other => throw new ArgumentException($"A figure is saved as .html or .svg, not as '{other}': {path}.", nameof(path)),
        };
        if (Path.GetDirectoryName(Path.GetFullPath(path)) is { } folder)
            Directory.CreateDirectory(folder);
        File.WriteAllText(path, content, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false));
    }

    /// <summary>Saves the page in the folder of temporary files and opens it in the browser: the one that the environment's BROWSER names, else the system's.</summary>
    /// <returns>The path of the page.</returns>
    /// <exception cref="InvalidOperationException">No browser could be opened; the message says where the page is and why.</exception>
    public string Show() => Show(Environment.GetEnvironmentVariable);

    internal string Show(Func<string, string?> variable)
    {
        var path = Path.Combine(Directory.CreateTempSubdirectory("interp-").FullName, "figure.html");
        Save(path);
        return BrowserOpener.TryOpen(path, variable) is { } reason
            ? throw new InvalidOperationException($"No browser opened the figure '{Title}': {reason}. It is saved at {path}: open that file, or save it elsewhere with Save.")
            : path;
    }

    /// <summary>The title and the size: <c>Figure 'Heads' (12 KB)</c>.</summary>
    public override string ToString() => $"Figure '{Title}' ({(Encoding.UTF8.GetByteCount(Html) + 1023) / 1024} KB)";
}
