namespace Interp;

/// <summary>How far a download is.</summary>
/// <param name="Repository">The repository, <c>owner/name</c>.</param>
/// <param name="File">The file in it.</param>
/// <param name="Bytes">The bytes that are on disk.</param>
/// <param name="Total">The file's length in bytes; null where the server does not say it.</param>
[TypeFormatterSource(typeof(NotebookFormatters))]
public sealed record HubProgress(string Repository, string File, long Bytes, long? Total)
{
    /// <summary>As in <c>EleutherAI/pythia-70m model.safetensors: 12 of 166 MB</c>.</summary>
    public override string ToString() =>
        $"{Repository} {File}: {Bytes / 1_000_000:N0}{(Total is { } total ? $" of {total / 1_000_000:N0}" : "")} MB";
}
