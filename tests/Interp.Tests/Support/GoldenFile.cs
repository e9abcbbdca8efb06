namespace Interp.Tests.Support;

/// <summary>The reference results of one small random model: arrays in groups such as <c>raw_cache_clean</c>.</summary>
internal sealed class GoldenFile : IDisposable
{
    private readonly SafetensorsFile file;

    private GoldenFile(string model) => (Model, file) = (model, SafetensorsFile.Open(Repository.Shared("golden", model, "golden.safetensors")));

    /// <summary>The model's name.</summary>
    public string Model { get; }

    /// <summary>Each prompt's right answer.</summary>
    public int[] Correct => Answers(0);

    /// <summary>Each prompt's wrong answer.</summary>
    public int[] Incorrect => Answers(1);

    /// <summary>Opens a model's results; skips the calling test where they are absent.</summary>
    public static GoldenFile Open(string model) => new(model);

    /// <summary>The names of a group's arrays, without the group's name.</summary>
    public string[] Names(string group) => [.. file.Names.Where(n => n.StartsWith(group + "/", StringComparison.Ordinal)).Select(n => n[(group.Length + 1)..]).Order()];

    /// <summary>Whether an array is there.</summary>
    public bool Has(string array) => file.Names.Contains(array);

    /// <summary>An array's values, row-major.</summary>
    public double[] Values(string array) => file.ReadDoubles(array);

    /// <summary>An array's shape.</summary>
    public long[] Shape(string array) => [.. file.Entry(array).Shape];

    /// <summary>Rows of integers.</summary>
    public int[][] Rows(string array) => [.. file.ReadLongs(array).Select(v => (int)v).Chunk((int)Shape(array)[1])];

    /// <inheritdoc/>
    public void Dispose() => file.Dispose();

    private int[] Answers(int column) => [.. Rows("tokens/answers").Select(row => row[column])];
}
