namespace Interp;

/// <content>The same, waiting for the result.</content>
public sealed partial class Hub
{
    /// <summary><see cref="ModelAsync"/>, waiting for it.</summary>
    /// <param name="repository">The repository, <c>owner/name</c>.</param>
    /// <param name="revision">A branch, a tag or a commit.</param>
    /// <param name="allowPickle">Whether <c>pytorch_model.bin</c> will do where there is no safetensors file.</param>
    /// <param name="cancellation">Ends the download.</param>
    /// <returns>The folder, for <see cref="Models.Load(string, LoadOptions?)"/>.</returns>
    public string Model(string repository, string revision = "main", bool allowPickle = false, CancellationToken cancellation = default) =>
        Wait(() => ModelAsync(repository, revision, allowPickle, cancellation));

    /// <summary><see cref="FileAsync"/>, waiting for it.</summary>
    /// <param name="repository">The repository, <c>owner/name</c>.</param>
    /// <param name="file">The file's path in it.</param>
    /// <param name="revision">A branch, a tag or a commit.</param>
    /// <param name="kind">What the repository holds.</param>
    /// <param name="cancellation">Ends the download.</param>
    /// <returns>The file's path in the cache.</returns>
    public string File(string repository, string file, string revision = "main", HubKind kind = HubKind.Model, CancellationToken cancellation = default) =>
        Wait(() => FileAsync(repository, file, revision, kind, cancellation));

    /// <summary><see cref="FilesAsync"/>, waiting for it.</summary>
    /// <param name="repository">The repository, <c>owner/name</c>.</param>
    /// <param name="revision">A branch, a tag or a commit.</param>
    /// <param name="kind">What the repository holds.</param>
    /// <param name="cancellation">Ends the request.</param>
    public IReadOnlyList<string> Files(string repository, string revision = "main", HubKind kind = HubKind.Model, CancellationToken cancellation = default) =>
        Wait(() => FilesAsync(repository, revision, kind, cancellation));

    /// <summary><see cref="RevisionsAsync"/>, waiting for it.</summary>
    /// <param name="repository">The repository, <c>owner/name</c>.</param>
    /// <param name="kind">What the repository holds.</param>
    /// <param name="cancellation">Ends the request.</param>
    public IReadOnlyList<string> Revisions(string repository, HubKind kind = HubKind.Model, CancellationToken cancellation = default) =>
        Wait(() => RevisionsAsync(repository, kind, cancellation));

    // On a thread of the pool, so that no caller's context is waited for in a circle.
    private static T Wait<T>(Func<Task<T>> start) => Task.Run(start).GetAwaiter().GetResult();
}
