namespace Interp;

using System.Text.Json;

/// <summary>What a repository holds at a revision, as the hub tells it.</summary>
internal sealed record HubListing(string Commit, IReadOnlySet<string> Files)
{
    /// <exception cref="InvalidDataException">The answer is not what it should be.</exception>
    public static HubListing Parse(byte[] json, Uri address) => Read(json, address, root =>
    {
        var commit = root.GetProperty("sha").GetString()!;
        if (!HubNames.IsCommit(commit))
            throw new FormatException($"'{commit}' is no commit");
        // Names that would leave the folder are as if they were not there.
        var files = root.GetProperty("siblings").EnumerateArray().Select(file => file.GetProperty("rfilename").GetString()!).Where(HubNames.IsPath);
        return new HubListing(commit, files.ToHashSet(StringComparer.Ordinal));
    });

    /// <summary>The names of branches and tags.</summary>
    public static IReadOnlyList<string> ParseReferences(byte[] json, Uri address) => Read(json, address, root =>
        (IReadOnlyList<string>)[.. new[] { "branches", "tags" }
            .SelectMany(kind => root.TryGetProperty(kind, out var list) ? list.EnumerateArray() : default(JsonElement.ArrayEnumerator))
            .Select(reference => reference.GetProperty("name").GetString()!).Where(HubNames.IsPath).Distinct()]);

    private static T Read<T>(byte[] json, Uri address, Func<JsonElement, T> read)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            return read(document.RootElement);
        }
        catch (Exception problem) when (problem is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            throw new InvalidDataException($"{address} answers something that is no description of a repository ({problem.Message}): is it the hub or a mirror of it?", problem);
        }
    }
}
