namespace Interp.Tests.Support;

using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

/// <summary>A hub on this machine: one repository, small files from the hub itself, large ones by redirect from a second server; a test may break any answer.</summary>
internal sealed class FakeHub : IDisposable
{
    public const string Repository = "some-one/tiny";
    public static readonly string Commit = new('c', 40);

    private readonly LoopbackServer hub;
    private readonly LoopbackServer store;

    public FakeHub()
    {
        store = new LoopbackServer(request => Answer(request, Bytes));
        hub = new LoopbackServer(request => Answer(request, Describe));
    }

    /// <summary>The files; those named in <see cref="Large"/> come from the second server.</summary>
    public Dictionary<string, byte[]> Files { get; } = [];

    public HashSet<string> Large { get; } = [];

    /// <summary>Other branches than main; all hold the same files.</summary>
    public List<string> Branches { get; } = ["main"];

    /// <summary>Sees each request first and may answer in the servers' place.</summary>
    public Func<SeenRequest, ServerReply?> Break { get; set; } = _ => null;

    public bool GivesRanges { get; set; } = true;

    public Uri Address => hub.Address;

    public Uri StoreAddress => store.Address;

    public IEnumerable<SeenRequest> Seen => hub.Seen.Concat(store.Seen);

    public ConcurrentQueue<SeenRequest> SeenByStore => store.Seen;

    public ConcurrentQueue<SeenRequest> SeenByHub => hub.Seen;

    public int MostAtOnce => store.MostAtOnce;

    public HubOptions Options(string cache) => new()
    {
        Endpoint = Address, Cache = cache, Token = "hf_secret", Offline = false, RetryDelay = TimeSpan.FromMilliseconds(1), Silence = TimeSpan.FromSeconds(5), PartBytes = 1 << 20,
    };

    public static string Tag(byte[] content, bool large) => Convert.ToHexStringLower(large
        ? SHA256.HashData(content)
        : SHA1.HashData([.. Encoding.ASCII.GetBytes($"blob {content.Length}\0"), .. content]));

    public static ServerReply Json(object value) => new(200, JsonSerializer.SerializeToUtf8Bytes(value));

    /// <summary>A part of some bytes as the request's range asks for it.</summary>
    public ServerReply Part(SeenRequest request, byte[] content, Dictionary<string, string>? headers = null)
    {
        if (request.Range is not var (from, to) || !GivesRanges)
            return new ServerReply(200, content) { Headers = headers ?? [] };
        if (from >= content.Length)
            return new ServerReply(416, []);
        var last = Math.Min(to ?? content.Length - 1, content.Length - 1);
        return new ServerReply(206, content[(int)from..((int)last + 1)]) { Headers = new(headers ?? []) { ["Content-Range"] = $"bytes {from}-{last}/{content.Length}" } };
    }

    public void Dispose()
    {
        hub.Dispose();
        store.Dispose();
    }

    private ServerReply Answer(SeenRequest request, Func<SeenRequest, ServerReply> usual) => Break(request) ?? usual(request);

    private ServerReply Describe(SeenRequest request)
    {
        if (request.Path == $"/api/models/{Repository}/refs")
            return Json(new { branches = Branches.Select(name => new { name, @ref = "refs/heads/" + name, targetCommit = Commit }), tags = Array.Empty<object>() });
        if (request.Path.StartsWith($"/api/models/{Repository}/revision/", StringComparison.Ordinal))
            return Known(request.Path.Split("/revision/")[1])
                ? Json(new { sha = Commit, siblings = Files.Keys.Select(rfilename => new { rfilename }) })
                : Missing("RevisionNotFound");
        var place = $"/{Repository}/resolve/";
        if (!request.Path.StartsWith(place, StringComparison.Ordinal))
            return new ServerReply(401, []) { Headers = { ["X-Error-Code"] = "RepoNotFound" } };
        var parts = request.Path[place.Length..].Split('/', 2);
        if (!Known(parts[0]) || !Files.TryGetValue(parts[1], out var content))
            return Missing(Known(parts[0]) ? "EntryNotFound" : "RevisionNotFound");
        var headers = new Dictionary<string, string> { ["X-Repo-Commit"] = Commit };
        if (!Large.Contains(parts[1]))
            return Part(request, content, new(headers) { ["ETag"] = $"\"{Tag(content, large: false)}\"" });
        headers["X-Linked-Etag"] = $"\"{Tag(content, large: true)}\"";
        headers["X-Linked-Size"] = $"{content.Length}";
        headers["Location"] = $"{store.Address}blobs/{parts[1]}?signature=x";
        return new ServerReply(302, []) { Headers = headers };
    }

    private ServerReply Bytes(SeenRequest request) => Part(request, Files[request.Path["/blobs/".Length..].Split('?')[0]]);

    private bool Known(string revision) => revision == Commit || Branches.Contains(revision);

    private static ServerReply Missing(string code) => new(404, []) { Headers = { ["X-Error-Code"] = code } };
}
