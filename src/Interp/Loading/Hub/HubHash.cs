namespace Interp;

using System.Security.Cryptography;
using System.Text;

/// <summary>Whether bytes are those that an entity tag stands for.</summary>
internal static class HubHash
{
    /// <summary>The file's own tag of the same kind, or null where the tag is no hash that can be checked.</summary>
    public static async Task<string?> OfAsync(string path, string tag, CancellationToken cancellation)
    {
        if (tag.Length is not (64 or 40) || !tag.All(char.IsAsciiHexDigit))
            return null;
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 16, FileOptions.Asynchronous | FileOptions.SequentialScan);
        using var hash = IncrementalHash.CreateHash(tag.Length == 64 ? HashAlgorithmName.SHA256 : HashAlgorithmName.SHA1);
        // A git blob's name is the hash of its length and its bytes.
        if (tag.Length == 40)
            hash.AppendData(Encoding.ASCII.GetBytes($"blob {stream.Length}\0"));
        var buffer = new byte[1 << 20];
        for (int read; (read = await stream.ReadAsync(buffer, cancellation).ConfigureAwait(false)) > 0;)
            hash.AppendData(buffer, 0, read);
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
