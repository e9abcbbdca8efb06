namespace Interp;

/// <summary>The Hugging Face hub: fetches files once and keeps them where Python's <c>huggingface_hub</c> keeps them, and finds what that fetched.</summary>
/// <remarks>
/// Downloads go on where an earlier one stopped, large files in parts at the same time; length and hash are checked before a file gets its name. What a
/// server says never becomes a path outside <see cref="HubOptions.Cache"/>. Safe to use from several threads and processes.
/// </remarks>
[TypeFormatterSource(typeof(NotebookFormatters))]
public sealed partial class Hub : IDisposable
{
    private readonly HubOptions options;
    private readonly HubClient client;
    private readonly HubCache cache;

    /// <summary>Makes no request yet.</summary>
    /// <param name="options">Server, cache, token and the rest; null for what the environment says.</param>
    /// <exception cref="ArgumentException">An option is out of range.</exception>
    public Hub(HubOptions? options = null)
    {
        this.options = (options ?? new HubOptions()).Validated();
        client = new HubClient(this.options);
        cache = new HubCache(this.options.Cache);
    }

    /// <summary>Fetches what loading a model takes: configuration, tokenizer, weights.</summary>
    /// <param name="repository">The repository, <c>owner/name</c>.</param>
    /// <param name="revision">A branch, a tag or a commit.</param>
    /// <param name="allowPickle">Whether <c>pytorch_model.bin</c> will do where there is no safetensors file.</param>
    /// <param name="cancellation">Ends the download; what has arrived is kept and used next time.</param>
    /// <returns>The folder, for <see cref="Models.Load(string, LoadOptions?)"/>.</returns>
    /// <exception cref="ArgumentException">A name is none.</exception>
    /// <exception cref="FileNotFoundException">There is no such revision, or it has no model that is read here; offline, it has not been downloaded.</exception>
    /// <exception cref="UnauthorizedAccessException">The repository does not exist or is not open to this token.</exception>
    /// <exception cref="HttpRequestException">The server cannot be reached or fails again and again.</exception>
    /// <exception cref="InvalidDataException">The server sends something else than it announced.</exception>
    public async Task<string> ModelAsync(string repository, string revision = "main", bool allowPickle = false, CancellationToken cancellation = default)
    {
        var place = Place(repository, revision, HubKind.Model);
        if (Present(place, revision, allowPickle) is { } folder)
            return folder;
        HubListing listing;
        try
        {
            listing = await ListAsync(place, revision, cancellation).ConfigureAwait(false);
        }
        catch (HttpRequestException) when (Kept(place, revision, allowPickle) is not null)
        {
            return Kept(place, revision, allowPickle)!;
        }
        foreach (var name in HubModelFiles.Descriptions(place, listing.Files))
            await FetchAsync(place, listing.Commit, name, cancellation).ConfigureAwait(false);
        var weights = await FetchAsync(place, listing.Commit, HubModelFiles.Weights(place, listing.Files, allowPickle), cancellation).ConfigureAwait(false);
        if (weights.EndsWith(".json", StringComparison.Ordinal))
            foreach (var shard in CheckpointIndex.Read(weights).Values.Distinct().Order(StringComparer.Ordinal))
                await FetchAsync(place, listing.Commit, shard, cancellation).ConfigureAwait(false);
        cache.WriteReference(place, revision, listing.Commit);
        return cache.Snapshot(place, listing.Commit);
    }

    /// <summary>Fetches one file.</summary>
    /// <param name="repository">The repository, <c>owner/name</c>.</param>
    /// <param name="file">The file's path in it.</param>
    /// <param name="revision">A branch, a tag or a commit.</param>
    /// <param name="kind">What the repository holds.</param>
    /// <param name="cancellation">Ends the download; what has arrived is kept and used next time.</param>
    /// <returns>The file's path in the cache.</returns>
    /// <exception cref="ArgumentException">A name is none, or leads out of the repository.</exception>
    /// <exception cref="FileNotFoundException">There is no such file or revision; offline, it has not been downloaded.</exception>
    /// <exception cref="UnauthorizedAccessException">The repository does not exist or is not open to this token.</exception>
    /// <exception cref="HttpRequestException">The server cannot be reached or fails again and again.</exception>
    /// <exception cref="InvalidDataException">The server sends something else than it announced.</exception>
    public async Task<string> FileAsync(string repository, string file, string revision = "main", HubKind kind = HubKind.Model, CancellationToken cancellation = default)
    {
        var place = Place(repository, revision, kind);
        if (!HubNames.IsPath(file))
            throw new ArgumentException($"'{file}' is no path of a file in a repository.", nameof(file));
        var kept = cache.Commit(place, revision) is { } commit ? cache.Pointer(place, commit, file) : null;
        if (kept is not null && System.IO.File.Exists(kept) && (options.Offline || HubNames.IsCommit(revision)))
            return kept;
        if (options.Offline)
            throw NotKept($"'{file}' of '{place}'", revision);
        try
        {
            var known = await DescribeAsync(place, revision, file, cancellation).ConfigureAwait(false);
            var path = await FetchAsync(known, cancellation).ConfigureAwait(false);
            cache.WriteReference(place, revision, known.Commit);
            return path;
        }
        catch (HttpRequestException) when (kept is not null && System.IO.File.Exists(kept))
        {
            return kept;
        }
    }

    /// <summary>The names of the files in a repository.</summary>
    /// <param name="repository">The repository, <c>owner/name</c>.</param>
    /// <param name="revision">A branch, a tag or a commit.</param>
    /// <param name="kind">What the repository holds.</param>
    /// <param name="cancellation">Ends the request.</param>
    /// <exception cref="FileNotFoundException">There is no such revision.</exception>
    /// <exception cref="UnauthorizedAccessException">The repository does not exist or is not open to this token.</exception>
    /// <exception cref="HttpRequestException">The server cannot be reached or fails again and again.</exception>
    /// <exception cref="InvalidOperationException">The hub is offline.</exception>
    public async Task<IReadOnlyList<string>> FilesAsync(string repository, string revision = "main", HubKind kind = HubKind.Model, CancellationToken cancellation = default) =>
        [.. (await ListAsync(Place(repository, revision, kind), revision, cancellation).ConfigureAwait(false)).Files.Order(StringComparer.Ordinal)];

    /// <summary>The names of a repository's branches and tags.</summary>
    /// <param name="repository">The repository, <c>owner/name</c>.</param>
    /// <param name="kind">What the repository holds.</param>
    /// <param name="cancellation">Ends the request.</param>
    /// <exception cref="UnauthorizedAccessException">The repository does not exist or is not open to this token.</exception>
    /// <exception cref="HttpRequestException">The server cannot be reached or fails again and again.</exception>
    /// <exception cref="InvalidOperationException">The hub is offline.</exception>
    public async Task<IReadOnlyList<string>> RevisionsAsync(string repository, HubKind kind = HubKind.Model, CancellationToken cancellation = default)
    {
        var place = Place(repository, "main", kind);
        var address = place.References(options.Endpoint);
        return HubListing.ParseReferences(await GetAsync(address, place, "main", cancellation).ConfigureAwait(false), address);
    }

    /// <summary>Ends the connections.</summary>
    public void Dispose() => client.Dispose();

    /// <summary>Server and cache.</summary>
    public override string ToString() => $"Hub at {options}";
}
