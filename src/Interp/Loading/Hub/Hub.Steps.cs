namespace Interp;

using System.Net;

/// <content>The steps of a download.</content>
public sealed partial class Hub
{
    private static HubRepository Place(string repository, string revision, HubKind kind)
    {
        ArgumentNullException.ThrowIfNull(repository);
        ArgumentNullException.ThrowIfNull(revision);
        HubNames.CheckRepository(repository);
        HubNames.CheckRevision(revision);
        return new HubRepository(repository, kind);
    }

    /// <summary>The folder where no request is needed: a commit that is whole, or anything where the hub is offline.</summary>
    private string? Present(HubRepository place, string revision, bool allowPickle)
    {
        if (!options.Offline && !HubNames.IsCommit(revision))
            return null;
        return Kept(place, revision, allowPickle) ?? (options.Offline ? throw NotKept($"'{place}'", revision) : null);
    }

    private string? Kept(HubRepository place, string revision, bool allowPickle) =>
        cache.Commit(place, revision) is { } commit && cache.Snapshot(place, commit) is var folder && HubModelFiles.IsComplete(folder, allowPickle) ? folder : null;

    private FileNotFoundException NotKept(string what, string revision) =>
        new($"{what} at '{revision}' is not, or not wholly, in the cache '{options.Cache}', and the hub is offline (HF_HUB_OFFLINE): unset that, or copy the files there from a machine that has them.");

    private async Task<HubListing> ListAsync(HubRepository place, string revision, CancellationToken cancellation)
    {
        var address = place.Revision(options.Endpoint, revision);
        return HubListing.Parse(await GetAsync(address, place, revision, cancellation).ConfigureAwait(false), address);
    }

    private Task<byte[]> GetAsync(Uri address, HubRepository place, string revision, CancellationToken cancellation)
    {
        if (options.Offline)
            throw new InvalidOperationException($"The hub is offline (HF_HUB_OFFLINE), and {address} would have to be asked.");
        return client.RepeatAsync(
            async () =>
            {
                using var response = await client.SendAsync(HttpMethod.Get, address, null, elsewhere: false, null, cancellation).ConfigureAwait(false);
                HubClient.ThrowIfBusy(response);
                if (response.StatusCode != HttpStatusCode.OK)
                    throw HubErrors.Refused(response, place, revision, null, options);
                return await client.ListenAsync(patience => HubClient.SmallAsync(response, patience), address, cancellation).ConfigureAwait(false);
            },
            () => 0, cancellation);
    }

    private async Task<string> FetchAsync(HubRepository place, string commit, string file, CancellationToken cancellation)
    {
        var pointer = cache.Pointer(place, commit, file);
        return System.IO.File.Exists(pointer)
            ? pointer
            : await FetchAsync(await DescribeAsync(place, commit, file, cancellation).ConfigureAwait(false), cancellation).ConfigureAwait(false);
    }

    private Task<HubFile> DescribeAsync(HubRepository place, string revision, string file, CancellationToken cancellation)
    {
        var address = place.File(options.Endpoint, revision, file);
        return client.RepeatAsync(
            async () =>
            {
                string? commit = null, linked = null, size = null;
                void See(HttpResponseMessage answer) => (commit, linked, size) =
                    (commit ?? Header(answer, "X-Repo-Commit"), linked ?? Header(answer, "X-Linked-Etag"), size ?? Header(answer, "X-Linked-Size"));
                using var response = await client.SendAsync(HttpMethod.Head, address, null, elsewhere: false, See, cancellation).ConfigureAwait(false);
                HubClient.ThrowIfBusy(response);
                if ((int)response.StatusCode is < 200 or >= 400)
                    throw HubErrors.Refused(response, place, revision, file, options);
                return Describe(place, revision, file, address, commit, linked ?? Header(response, "ETag"), size, response);
            },
            () => 0, cancellation);
    }

    private static HubFile Describe(HubRepository place, string revision, string file, Uri address, string? commit, string? tag, string? size, HttpResponseMessage response)
    {
        commit ??= HubNames.IsCommit(revision) ? revision : null;
        if (commit is null || !HubNames.IsCommit(commit) || tag is null)
            throw new InvalidDataException($"{address} does not say which commit and which file it is (X-Repo-Commit is '{commit}', the entity tag '{tag}'): it is not the hub, or a mirror that leaves these out.");
        if (HubNames.IsCommit(revision) && commit != revision)
            throw new InvalidDataException($"{address} answers with commit {commit}, and {revision} was asked for: a broken mirror.");
        var length = size ?? (response.StatusCode == HttpStatusCode.OK ? response.Content.Headers.ContentLength?.ToString(System.Globalization.CultureInfo.InvariantCulture) : null);
        return new HubFile(place, commit, file, address, HubNames.Tag(tag, address), long.TryParse(length, out var bytes) && bytes >= 0 ? bytes : null);
    }

    private async Task<string> FetchAsync(HubFile file, CancellationToken cancellation)
    {
        var blob = cache.Blob(file);
        if (System.IO.File.Exists(blob))
            return cache.Link(file);
        // Disposing the lock's file ends the lock; the file itself stays, as Python's does.
        using var held = await cache.LockAsync(file, cancellation).ConfigureAwait(false);
        if (!System.IO.File.Exists(blob))
        {
            await new HubTransfer(client, file, cache.Incomplete(file)).RunAsync(cancellation).ConfigureAwait(false);
            System.IO.File.Move(cache.Incomplete(file), blob, overwrite: true);
        }
        return cache.Link(file);
    }

    private static string? Header(HttpResponseMessage response, string name) =>
        response.Headers.TryGetValues(name, out var values) ? values.FirstOrDefault() : null;
}
