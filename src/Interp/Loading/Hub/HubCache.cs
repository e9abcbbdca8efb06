namespace Interp;

/// <summary>The folder of downloaded files as Python's <c>huggingface_hub</c> lays it out, so that each finds what the other fetched.</summary>
/// <remarks>
/// <c>models--owner--name/refs/REVISION</c> holds a commit; <c>snapshots/COMMIT/FILE</c> links to <c>blobs/TAG</c>; <c>blobs/TAG.incomplete</c> is a
/// beginning of a file; <c>.locks/models--owner--name/TAG.lock</c> is locked while it grows.
/// </remarks>
internal sealed class HubCache(string root)
{
    /// <summary>The commit that a branch or tag stood at when it was last asked for, or null.</summary>
    public string? Commit(HubRepository repository, string revision)
    {
        if (HubNames.IsCommit(revision))
            return Directory.Exists(Snapshot(repository, revision)) ? revision : null;
        var path = Path.Combine(Folder(repository), "refs", revision);
        return File.Exists(path) && File.ReadAllText(path).Trim() is { } commit && HubNames.IsCommit(commit) ? commit : null;
    }

    public void WriteReference(HubRepository repository, string revision, string commit)
    {
        if (HubNames.IsCommit(revision) || Commit(repository, revision) == commit)
            return;
        var path = Path.Combine(Folder(repository), "refs", revision);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        var temporary = $"{path}.{Guid.NewGuid():N}";
        File.WriteAllText(temporary, commit);
        File.Move(temporary, path, overwrite: true);
    }

    public string Snapshot(HubRepository repository, string commit) => Path.Combine(Folder(repository), "snapshots", commit);

    /// <summary>Where a file of a commit stands; it need not be there.</summary>
    public string Pointer(HubRepository repository, string commit, string file) =>
        Path.Combine([Snapshot(repository, commit), .. file.Split('/')]);

    public string Blob(HubFile file) => Path.Combine(Folder(file.Repository), "blobs", file.Tag);

    public string Incomplete(HubFile file) => Blob(file) + ".incomplete";

    /// <summary>Waits until nobody else fetches the same bytes; Python's lock and this one are the same.</summary>
    public async Task<FileStream> LockAsync(HubFile file, CancellationToken cancellation)
    {
        var path = Path.Combine(root, ".locks", file.Repository.Folder, file.Tag + ".lock");
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        while (true)
        {
            try
            {
                return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException) when (File.Exists(path))
            {
                await Task.Delay(100, cancellation).ConfigureAwait(false);
            }
        }
    }

    /// <summary>Makes a file of a commit point to its bytes, by a relative link, or a copy where the system makes no links.</summary>
    public string Link(HubFile file)
    {
        var pointer = Pointer(file.Repository, file.Commit, file.Name);
        var folder = Path.GetDirectoryName(pointer)!;
        Directory.CreateDirectory(folder);
        if (File.Exists(pointer))
            return pointer;
        var temporary = $"{pointer}.{Guid.NewGuid():N}";
        try
        {
            File.CreateSymbolicLink(temporary, Path.GetRelativePath(folder, Blob(file)));
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException or PlatformNotSupportedException)
        {
            File.Copy(Blob(file), temporary);
        }
        // Another process may have made the same link meanwhile.
        File.Move(temporary, pointer, overwrite: true);
        return pointer;
    }

    private string Folder(HubRepository repository) => Path.Combine(root, repository.Folder);
}
