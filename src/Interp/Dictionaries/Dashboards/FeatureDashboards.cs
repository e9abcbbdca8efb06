namespace Interp;

using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

/// <summary>Pages for many features of a dictionary, and an index of them.</summary>
[TypeFormatterSource(typeof(NotebookFormatters))]
public sealed class FeatureDashboards : INotebookView
{
    // Names as numbers can be, and nothing that a script element could end on.
    private static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase, NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals, Encoder = JavaScriptEncoder.Default,
        Converters = { new JsonStringEnumConverter() },
    };

    private readonly Dictionary<int, FeatureDashboard> byNumber;

    /// <summary>Pages put together by hand, such as a choice of those that were collected.</summary>
    /// <param name="dictionary">The dictionary, in words.</param>
    /// <param name="features">The pages; each feature once.</param>
    /// <exception cref="ArgumentException">A feature has two pages.</exception>
    public FeatureDashboards(string dictionary, IReadOnlyList<FeatureDashboard> features)
    {
        (Dictionary, Features) = (dictionary, features);
        byNumber = features.ToDictionary(f => f.Feature);
    }

    /// <summary>The dictionary, in words.</summary>
    public string Dictionary { get; }

    /// <summary>The features, in the order they were asked for.</summary>
    public IReadOnlyList<FeatureDashboard> Features { get; }

    /// <summary>A feature by its number.</summary>
    /// <exception cref="KeyNotFoundException">It was not collected.</exception>
    public FeatureDashboard this[int feature] => byNumber.TryGetValue(feature, out var found)
        ? found
        : throw new KeyNotFoundException($"Feature {feature} was not collected: {Features.Count} features were. Name it in DashboardOptions.Features.");

    /// <summary>All features as a table, and how often they are active.</summary>
    /// <param name="linked">Whether each row leads to the feature's page beside the index.</param>
    public Figure Index(bool linked = false) => DashboardIndexDrawing.Draw(this, linked);

    /// <summary>Writes <c>index.html</c>, a page for each feature and <c>features.jsonl</c> into a folder.</summary>
    /// <param name="folder">The folder; it is made where it is absent.</param>
    public void Save(string folder)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(folder);
        Directory.CreateDirectory(folder);
        foreach (var feature in Features)
            feature.Figure().Save(Path.Combine(folder, PageName(feature.Feature)));
        SaveJsonLines(Path.Combine(folder, "features.jsonl"));
        Index(linked: true).Save(Path.Combine(folder, "index.html"));
    }

    /// <summary>Writes everything as JSON, a line for each feature.</summary>
    /// <param name="path">The file.</param>
    public void SaveJsonLines(string path)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        using var writer = new StreamWriter(path, append: false, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false)) { NewLine = "\n" };
        foreach (var feature in Features)
            writer.WriteLine(JsonSerializer.Serialize(feature, Json));
    }

    /// <summary>Prints the features that are active most often.</summary>
    /// <param name="count">How many.</param>
    public void Print(int count = 20)
    {
        var table = new TextTable("feature", "density", "max", "raises").Left(3);
        foreach (var feature in Features.OrderByDescending(f => f.Density).Take(count))
            table.Add(NumberText.Fixed(feature.Feature, 0), NumberText.Short(feature.Density), NumberText.Short(feature.MaxActivation),
                string.Join(" ", feature.TopLogits.Take(4).Select(t => DisplayText.Token(t.Token))));
        Console.Out.Write(table.ToString());
    }

    string INotebookView.Html => NotebookHtml.Under(ToString(), Index().Fragment);

    /// <summary>How many features, and of which dictionary.</summary>
    public override string ToString() => $"{Features.Count} features of {Dictionary}";

    internal static string PageName(int feature) => $"feature-{NumberText.Fixed(feature, 0)}.html";
}
