namespace Interp;

using System.Text.Json.Serialization;

/// <summary>What a tuned lens says of itself; its fields are those of the published <c>config.json</c>.</summary>
public sealed record TunedLensConfig
{
    /// <summary>The model it was trained on.</summary>
    [JsonPropertyName("base_model_name_or_path")]
    public required string BaseModel { get; init; }

    /// <summary>Width of the residual stream.</summary>
    [JsonPropertyName("d_model")]
    public required int DModel { get; init; }

    /// <summary>Number of translators: one for the stream before each block.</summary>
    [JsonPropertyName("num_hidden_layers")]
    public required int Layers { get; init; }

    /// <summary>Whether translators have a bias.</summary>
    [JsonPropertyName("bias")]
    public bool Bias { get; init; } = true;

    /// <summary>The revision of the model, or null.</summary>
    [JsonPropertyName("base_model_revision")]
    public string? BaseRevision { get; init; }

    /// <summary>A digest of the model's unembedding as its trainer computes it, or null; it is kept, not checked.</summary>
    [JsonPropertyName("unembed_hash")]
    public string? UnembedHash { get; init; }

    /// <summary>The kind of lens; <c>linear_tuned_lens</c> is the one there is.</summary>
    [JsonPropertyName("lens_type")]
    public string LensType { get; init; } = "linear_tuned_lens";
}
