namespace Interp;

/// <summary>A repository, its addresses on the server and its folder in the cache.</summary>
internal sealed record HubRepository(string Name, HubKind Kind)
{
    private string Plural => Kind switch { HubKind.Dataset => "datasets", HubKind.Space => "spaces", _ => "models" };

    /// <summary><c>models--owner--name</c>.</summary>
    public string Folder => $"{Plural}--{Name.Replace("/", "--", StringComparison.Ordinal)}";

    public Uri Revision(Uri endpoint, string revision) => At(endpoint, $"api/{Plural}/{Name}/revision/{Uri.EscapeDataString(revision)}");

    public Uri References(Uri endpoint) => At(endpoint, $"api/{Plural}/{Name}/refs");

    public Uri File(Uri endpoint, string revision, string file) =>
        At(endpoint, $"{(Kind == HubKind.Model ? "" : Plural + "/")}{Name}/resolve/{Uri.EscapeDataString(revision)}/{string.Join('/', file.Split('/').Select(Uri.EscapeDataString))}");

    public override string ToString() => Kind == HubKind.Model ? Name : $"{Plural}/{Name}";

    private static Uri At(Uri endpoint, string path) => new(endpoint.AbsoluteUri.TrimEnd('/') + "/" + path);
}
