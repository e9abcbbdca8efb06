namespace Interp;

/// <summary>What the hub says of a file before it is fetched.</summary>
/// <param name="Repository">Its repository.</param>
/// <param name="Commit">The commit it belongs to.</param>
/// <param name="Name">Its path in the repository.</param>
/// <param name="Address">Where it is fetched.</param>
/// <param name="Tag">Its entity tag: the SHA-256 of a large file, the git blob's SHA-1 of a small one; other servers may have others.</param>
/// <param name="Size">Its length in bytes, where the server says it.</param>
internal sealed record HubFile(HubRepository Repository, string Commit, string Name, Uri Address, string Tag, long? Size);
