namespace Interp;

using System.Text.RegularExpressions;

/// <summary>Checks of names before they become parts of paths: what a user or a server gives must stay inside the cache.</summary>
internal static partial class HubNames
{
    public static bool IsRepository(string name) => Repository().IsMatch(name) && !name.Contains("..", StringComparison.Ordinal) && !name.Contains("--", StringComparison.Ordinal);

    public static bool IsCommit(string text) => Commit().IsMatch(text);

    /// <exception cref="ArgumentException">The name is no repository's.</exception>
    public static void CheckRepository(string name)
    {
        if (!IsRepository(name))
            throw new ArgumentException($"'{name}' names no repository: write owner/name, with letters, digits, '.', '_' and '-'.", nameof(name));
    }

    /// <exception cref="ArgumentException">The name is no branch's, tag's or commit's.</exception>
    public static void CheckRevision(string name)
    {
        if (!IsPath(name))
            throw new ArgumentException($"'{name}' names no revision: give a branch, a tag or a commit.", nameof(name));
    }

    /// <summary>Whether a path stays inside the folder it starts from, on every system.</summary>
    public static bool IsPath(string path) =>
        path.Length is > 0 and <= 1000 && path.IndexOfAny(['\\', ':', '*', '?', '"', '<', '>', '|']) < 0 && !path.Any(char.IsControl)
        && path.Split('/').All(part => part.Length > 0 && part is not ("." or "..") && part.Trim() == part);

    /// <summary>A server's entity tag without its marks.</summary>
    /// <exception cref="InvalidDataException">It could not be a file's name.</exception>
    public static string Tag(string tag, Uri source)
    {
        var plain = (tag.StartsWith("W/", StringComparison.Ordinal) ? tag[2..] : tag).Trim('"');
        return PlainTag().IsMatch(plain) ? plain : throw new InvalidDataException($"{source} answers with the entity tag '{tag}', which cannot be a file's name: this is not the hub's server, or a broken mirror.");
    }

    [GeneratedRegex(@"\A(?:[A-Za-z0-9_][A-Za-z0-9._-]{0,95}/)?[A-Za-z0-9_][A-Za-z0-9._-]{0,95}\z", RegexOptions.CultureInvariant)]
    private static partial Regex Repository();

    [GeneratedRegex(@"\A[0-9a-f]{40}\z", RegexOptions.CultureInvariant)]
    private static partial Regex Commit();

    [GeneratedRegex(@"\A[A-Za-z0-9_-]{1,200}\z", RegexOptions.CultureInvariant)]
    private static partial Regex PlainTag();
}
