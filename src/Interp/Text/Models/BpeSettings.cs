namespace Interp;

/// <summary>The switches of a byte-pair encoding, as tokenizer.json names them.</summary>
internal sealed record BpeSettings
{
    public bool ByteLevel { get; init; }

    public bool ByteFallback { get; init; }

    public bool IgnoreMerges { get; init; }

    public bool FuseUnknown { get; init; }

    public string? UnknownToken { get; init; }

    public string ContinuingPrefix { get; init; } = "";

    public string WordSuffix { get; init; } = "";
}
