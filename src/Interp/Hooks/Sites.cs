namespace Interp;

/// <summary>The built-in sites, under short names; meant for <c>using static Interp.Sites;</c>.</summary>
/// <remarks>
/// Names and shapes are those of TransformerLens. q and z have <c>n_heads</c> heads, k and v have key-value heads.
/// Block-level <see cref="AttnOut"/> and <see cref="MlpOut"/> are what is added to the residual stream; the raw output of a sublayer
/// (it differs on models that normalise it first) is <see cref="AttnOutRaw"/>, <see cref="MlpOutRaw"/>.
/// </remarks>
public static class Sites
{
    private const string Stream = "batch pos d_model";
    private const string PerHead = "batch pos head d_head";
    private const string PerKvHead = "batch pos kv_head d_head";
    private const string Square = "batch head query key";
    private const string Hidden = "batch pos d_mlp";
    private const string PerPosition = "batch pos one";

    /// <summary>Token embedding, [batch, pos, d_model].</summary>
    public static Site Embed { get; } = Site.InModel("hook_embed", Stream);

    /// <summary>Positional embedding, [batch, pos, d_model]; absent on rotary models.</summary>
    public static Site PosEmbed { get; } = Site.InModel("hook_pos_embed", Stream);

    /// <summary>Residual stream before a block, [batch, pos, d_model].</summary>
    public static Site ResidPre { get; } = Site.InLayer("hook_resid_pre", Stream);

    /// <summary>Residual stream between attention and MLP, [batch, pos, d_model]; absent without an MLP and on parallel blocks.</summary>
    public static Site ResidMid { get; } = Site.InLayer("hook_resid_mid", Stream);

    /// <summary>Residual stream after a block, [batch, pos, d_model].</summary>
    public static Site ResidPost { get; } = Site.InLayer("hook_resid_post", Stream);

    /// <summary>What attention adds to the residual stream, [batch, pos, d_model].</summary>
    public static Site AttnOut { get; } = Site.InLayer("hook_attn_out", Stream);

    /// <summary>What the MLP adds to the residual stream, [batch, pos, d_model].</summary>
    public static Site MlpOut { get; } = Site.InLayer("hook_mlp_out", Stream);

    /// <summary>Output of the attention module before a post-norm, [batch, pos, d_model].</summary>
    public static Site AttnOutRaw { get; } = Site.InLayer("attn.hook_out", Stream);

    /// <summary>Output of the MLP module before a post-norm, [batch, pos, d_model].</summary>
    public static Site MlpOutRaw { get; } = Site.InLayer("mlp.hook_out", Stream);

    /// <summary>Residual stream as each head reads it, before the norm, [batch, pos, head, d_model]; lazy.</summary>
    public static Site AttnIn { get; } = Site.InLayer("hook_attn_in", "batch pos head d_model", lazy: true);

    /// <summary>Residual stream as each query head reads it, before the norm, [batch, pos, head, d_model]; lazy.</summary>
    public static Site QInput { get; } = Site.InLayer("hook_q_input", "batch pos head d_model", lazy: true);

    /// <summary>Residual stream as each key head reads it, before the norm, [batch, pos, kv_head, d_model]; lazy.</summary>
    public static Site KInput { get; } = Site.InLayer("hook_k_input", "batch pos kv_head d_model", lazy: true);

    /// <summary>Residual stream as each value head reads it, before the norm, [batch, pos, kv_head, d_model]; lazy.</summary>
    public static Site VInput { get; } = Site.InLayer("hook_v_input", "batch pos kv_head d_model", lazy: true);

    /// <summary>Residual stream as the MLP reads it, before the norm, [batch, pos, d_model]; lazy.</summary>
    public static Site MlpIn { get; } = Site.InLayer("hook_mlp_in", Stream, lazy: true);

    /// <summary>Queries before rotary, [batch, pos, head, d_head].</summary>
    public static Site Q { get; } = Site.InLayer("attn.hook_q", PerHead);

    /// <summary>Keys before rotary, [batch, pos, kv_head, d_head].</summary>
    public static Site K { get; } = Site.InLayer("attn.hook_k", PerKvHead);

    /// <summary>Values, [batch, pos, kv_head, d_head].</summary>
    public static Site V { get; } = Site.InLayer("attn.hook_v", PerKvHead);

    /// <summary>Queries after rotary, [batch, pos, head, d_head]; rotary models only.</summary>
    public static Site RotQ { get; } = Site.InLayer("attn.hook_rot_q", PerHead);

    /// <summary>Keys after rotary, [batch, pos, kv_head, d_head]; rotary models only.</summary>
    public static Site RotK { get; } = Site.InLayer("attn.hook_rot_k", PerKvHead);

    /// <summary>Attention scores after scale, soft cap and mask, before softmax, [batch, head, query, key]; -inf where masked.</summary>
    public static Site AttnScores { get; } = Site.InLayer("attn.hook_attn_scores", Square);

    /// <summary>Attention pattern, [batch, head, query, key]; each row sums to one.</summary>
    public static Site Pattern { get; } = Site.InLayer("attn.hook_pattern", Square);

    /// <summary>Mixed values per head, [batch, pos, head, d_head].</summary>
    public static Site Z { get; } = Site.InLayer("attn.hook_z", PerHead);

    /// <summary>Each head's contribution z·W_O without the bias, [batch, pos, head, d_model]; lazy.</summary>
    public static Site Result { get; } = Site.InLayer("attn.hook_result", "batch pos head d_model", lazy: true);

    /// <summary>MLP pre-activation, [batch, pos, d_mlp]; on gated MLPs that of the gate.</summary>
    public static Site MlpPre { get; } = Site.InLayer("mlp.hook_pre", Hidden);

    /// <summary>The linear branch of a gated MLP, [batch, pos, d_mlp].</summary>
    public static Site MlpPreLinear { get; } = Site.InLayer("mlp.hook_pre_linear", Hidden);

    /// <summary>SoLU models: activation before the inner layer norm, [batch, pos, d_mlp].</summary>
    public static Site MlpMid { get; } = Site.InLayer("mlp.hook_mid", Hidden);

    /// <summary>Neurons: the input of the down-projection, [batch, pos, d_mlp].</summary>
    public static Site MlpPost { get; } = Site.InLayer("mlp.hook_post", Hidden);

    /// <summary>Scale of the norm before attention, [batch, pos, 1].</summary>
    public static Site Ln1Scale { get; } = Site.InLayer("ln1.hook_scale", PerPosition);

    /// <summary>Scale of the norm before the MLP, [batch, pos, 1].</summary>
    public static Site Ln2Scale { get; } = Site.InLayer("ln2.hook_scale", PerPosition);

    /// <summary>Output of the norm before attention: after the gain for LayerNorm, before it for RMSNorm, [batch, pos, d_model].</summary>
    public static Site Ln1Normalized { get; } = Site.InLayer("ln1.hook_normalized", Stream);

    /// <summary>Output of the norm before the MLP: after the gain for LayerNorm, before it for RMSNorm, [batch, pos, d_model].</summary>
    public static Site Ln2Normalized { get; } = Site.InLayer("ln2.hook_normalized", Stream);

    /// <summary>Scale of the final norm, [batch, pos, 1].</summary>
    public static Site FinalScale { get; } = Site.InModel("ln_final.hook_scale", PerPosition);

    /// <summary>Output of the final norm: after the gain for LayerNorm, before it for RMSNorm, [batch, pos, d_model].</summary>
    public static Site FinalNormalized { get; } = Site.InModel("ln_final.hook_normalized", Stream);

    /// <summary>Input of the norm-free attention projections: the norm's whole output, gain and bias included, [batch, pos, d_model].</summary>
    public static Site AttnInput { get; } = Site.InLayer("attn.hook_in", Stream);

    /// <summary>Input of the MLP's matrices: the norm's whole output, gain and bias included, [batch, pos, d_model].</summary>
    public static Site MlpInput { get; } = Site.InLayer("mlp.hook_in", Stream);

    /// <summary>Input of the unembedding, [batch, pos, d_model].</summary>
    public static Site UnembedIn { get; } = Site.InModel("unembed.hook_in", Stream);

    /// <summary>Logits, [batch, pos, d_vocab].</summary>
    public static Site UnembedOut { get; } = Site.InModel("unembed.hook_out", "batch pos d_vocab");
}
