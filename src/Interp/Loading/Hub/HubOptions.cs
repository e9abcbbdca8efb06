namespace Interp;

/// <summary>Where the hub is, where its files are kept, and how they are fetched. What is not set follows the environment variables of Python's <c>huggingface_hub</c>.</summary>
public sealed record HubOptions
{
    /// <summary>The server or a mirror of it; <c>HF_ENDPOINT</c>, else <c>https://huggingface.co</c>.</summary>
    public Uri Endpoint { get; init; } = HubEnvironment.Endpoint();

    /// <summary>The folder of downloaded files, shared with Python; <c>HF_HUB_CACHE</c>, else <c>hub</c> in <c>HF_HOME</c>, else <c>~/.cache/huggingface/hub</c>.</summary>
    public string Cache { get; init; } = HubEnvironment.Cache();

    /// <summary>What proves who asks, for repositories that are not open; <c>HF_TOKEN</c>, else the file that <c>huggingface-cli login</c> wrote. Sent to <see cref="Endpoint"/> alone.</summary>
    public string? Token { get; init; } = HubEnvironment.Token();

    /// <summary>Whether only what has been downloaded is used; <c>HF_HUB_OFFLINE</c>.</summary>
    public bool Offline { get; init; } = HubEnvironment.Offline();

    /// <summary>How many parts of a large file are fetched at a time.</summary>
    public int Connections { get; init; } = 4;

    /// <summary>The length of a part in bytes; as many parts as <see cref="Connections"/> are held in memory.</summary>
    public int PartBytes { get; init; } = 16 << 20;

    /// <summary>How often a request is repeated that brought nothing; one that broke off goes on where it stopped.</summary>
    public int Retries { get; init; } = 5;

    /// <summary>The wait before the first repetition, doubled each time up to half a minute, unless the server names one.</summary>
    public TimeSpan RetryDelay { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>The longest wait that the server may ask for; a longer one is an error.</summary>
    public TimeSpan LongestWait { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>How long the server may be silent before the request is repeated.</summary>
    public TimeSpan Silence { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Hears of each part that arrives, or null.</summary>
    public IProgress<HubProgress>? Progress { get; init; }

    /// <summary>Endpoint and cache; never the token.</summary>
    public override string ToString() => $"{Endpoint} into {Cache}{(Offline ? ", offline" : "")}";

    /// <exception cref="ArgumentException">An option is out of range; all that are wrong are named.</exception>
    internal HubOptions Validated()
    {
        List<string> wrong = [];
        if (!Endpoint.IsAbsoluteUri || Endpoint.Scheme is not ("http" or "https"))
            wrong.Add($"Endpoint is '{Endpoint}', and an http or https address is needed");
        if (Connections < 1 || PartBytes < 1 || Retries < 0)
            wrong.Add($"Connections is {Connections}, PartBytes {PartBytes}, Retries {Retries}: the first two must be positive and the last not negative");
        if (Token is not null && Token.Any(c => c is <= ' ' or > '~'))
            wrong.Add("Token holds characters that no token has: look for a space or a line break in HF_TOKEN or the token's file");
        return wrong.Count == 0 ? this : throw new ArgumentException($"Hub: {string.Join("; ", wrong)}.");
    }
}
