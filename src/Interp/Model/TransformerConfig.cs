namespace Interp;

using System.Collections.Immutable;

/// <summary>What a transformer is built of. A value: a changed copy describes another model.</summary>
[TypeFormatterSource(typeof(NotebookFormatters))]
public sealed record TransformerConfig
{
    /// <summary>A name for people and file names.</summary>
    public string ModelName { get; init; } = "custom";

    /// <summary>Number of blocks.</summary>
    public required int Layers { get; init; }

    /// <summary>Width of the residual stream, d_model.</summary>
    public required int DModel { get; init; }

    /// <summary>Query heads per layer.</summary>
    public required int Heads { get; init; }

    /// <summary>Key-value heads per layer; equal to <see cref="Heads"/> without grouped queries. 0 means equal.</summary>
    public int KeyValueHeads { get; init; }

    /// <summary>Width of a head, d_head.</summary>
    public required int DHead { get; init; }

    /// <summary>Number of neurons, d_mlp; 0 for attention-only models.</summary>
    public int DMlp { get; init; }

    /// <summary>Number of input tokens.</summary>
    public required int DVocab { get; init; }

    /// <summary>Number of output logits; 0 means <see cref="DVocab"/>.</summary>
    public int DVocabOut { get; init; }

    /// <summary>Longest sequence, n_ctx.</summary>
    public required int Context { get; init; }

    /// <summary>The nonlinearity of the MLP.</summary>
    public Activation Activation { get; init; } = Activation.Gelu;

    /// <summary>Whether the MLP has a gate branch: act(x W_gate) · (x W_in).</summary>
    public bool GatedMlp { get; init; }

    /// <summary>The norm before each sublayer and before the unembedding.</summary>
    public NormKind Norm { get; init; } = NormKind.LayerNorm;

    /// <summary>Added to the variance or mean square inside the root.</summary>
    public double Epsilon { get; init; } = 1e-5;

    /// <summary>How positions enter.</summary>
    public PositionKind Positions { get; init; } = PositionKind.Learned;

    /// <summary>Rotary embedding; used when <see cref="Positions"/> is rotary.</summary>
    public RotaryConfig Rotary { get; init; } = new();

    /// <summary>The rotary embedding of layers that have a window, where it is another one; null where it is the same.</summary>
    public RotaryConfig? LocalRotary { get; init; }

    /// <summary>Scores are divided by this; 0 means the root of d_head.</summary>
    public double AttentionScale { get; init; }

    /// <summary>Whether a query sees only keys at or before its own position.</summary>
    public bool Causal { get; init; } = true;

    /// <summary>Per layer, how many positions back (itself included) a query sees; 0 or an empty list means all.</summary>
    public ImmutableArray<int> Windows { get; init; } = [];

    /// <summary>Whether attention and MLP read the same residual stream and are added together.</summary>
    public bool ParallelBlocks { get; init; }

    /// <summary>Whether each sublayer reads the residual stream through a norm; not so in OLMo 2, which has post-norms alone.</summary>
    public bool PreNorms { get; init; } = true;

    /// <summary>Whether the output of each sublayer is normalised before it is added.</summary>
    public bool PostNorms { get; init; }

    /// <summary>
    /// Whether the residual stream itself is normalised after each addition, as in the first transformers: the sublayers and the unembedding
    /// then read it bare, and it is no sum of what was written to it.
    /// </summary>
    public bool SumNorms { get; init; }

    /// <summary>Whether the token embedding passes a LayerNorm of its own (BLOOM).</summary>
    public bool EmbeddingNorm { get; init; }

    /// <summary>Whether queries and keys pass a norm before rotary.</summary>
    public bool QueryKeyNorm { get; init; }

    /// <summary>What that norm is.</summary>
    public QueryKeyNormKind QueryKeyNormKind { get; init; }

    /// <summary>Queries, keys and values are clipped to [-c, c]; 0 for not.</summary>
    public double QkvClip { get; init; }

    /// <summary>Number of experts an MLP consists of; 0 for plain MLPs.</summary>
    public int Experts { get; init; }

    /// <summary>How many experts each token passes.</summary>
    public int ExpertsPerToken { get; init; }

    /// <summary>Scores s become c·tanh(s/c) before the mask; 0 for none.</summary>
    public double AttentionSoftCap { get; init; }

    /// <summary>Logits l become c·tanh(l/c); 0 for none.</summary>
    public double LogitSoftCap { get; init; }

    /// <summary>Key-value heads, with 0 resolved.</summary>
    public int KvHeads => KeyValueHeads == 0 ? Heads : KeyValueHeads;

    /// <summary>Output vocabulary, with 0 resolved.</summary>
    public int VocabOut => DVocabOut == 0 ? DVocab : DVocabOut;

    /// <summary>The divisor of the scores, with 0 resolved.</summary>
    public double ScoreScale => AttentionScale == 0 ? Math.Sqrt(DHead) : AttentionScale;

    /// <summary>Whether blocks have no MLP.</summary>
    public bool AttentionOnly => DMlp == 0;

    /// <summary>Whether the norms have no gain and bias of their own, because they were folded into the weights.</summary>
    public bool NormsFolded => Norm is NormKind.LayerNormPre or NormKind.RmsPre;

    /// <summary>How far back a layer's queries see; 0 for all.</summary>
    public int Window(int layer) => Windows.IsDefaultOrEmpty ? 0 : Windows[layer];

    /// <summary>Checks the whole description.</summary>
    /// <exception cref="ArgumentException">All violations in one message.</exception>
    public TransformerConfig Validated()
    {
        var wrong = Violations().ToList();
        return wrong.Count == 0 ? this : throw new ArgumentException($"The model description '{ModelName}' does not hold together: {string.Join("; ", wrong)}.");
    }

    /// <summary>Name and sizes.</summary>
    public override string ToString() =>
        $"{ModelName}: {Layers} layers, d_model {DModel}, {Heads} heads of {DHead}, {(AttentionOnly ? "attention only" : $"d_mlp {DMlp}")}, vocabulary {DVocab}, context {Context}";

    private IEnumerable<string> Violations()
    {
        foreach (var (name, value) in new[] { ("Layers", Layers), ("DModel", DModel), ("Heads", Heads), ("DHead", DHead), ("DVocab", DVocab), ("Context", Context) })
            if (value <= 0)
                yield return $"{name} is {value}, wanted at least 1";
        foreach (var (name, value, most) in new[] { ("Layers", Layers, 10_000), ("Heads", Heads, 100_000), ("Experts", Experts, 10_000) })
            if (value > most)
                yield return $"{name} is {value}, wanted at most {most}";
        if (DMlp < 0)
            yield return $"DMlp is {DMlp}, wanted 0 (attention only) or more";
        if (KvHeads <= 0 || Heads % Math.Max(KvHeads, 1) != 0)
            yield return $"{Heads} query heads cannot share {KvHeads} key-value heads evenly";
        if (!Windows.IsDefaultOrEmpty && Windows.Length != Layers)
            yield return $"Windows has {Windows.Length} entries for {Layers} layers";
        if (Positions == PositionKind.Rotary && (Rotary.Dim(DHead) % 2 != 0 || Rotary.Dim(DHead) > DHead || Rotary.Dim(DHead) < 0))
            yield return $"rotary turns {Rotary.Dim(DHead)} of {DHead} dimensions, wanted an even number of at most d_head";
        if (Positions == PositionKind.Rotary && LocalRotary is not null && LocalRotary.Dim(DHead) != Rotary.Dim(DHead))
            yield return $"rotary turns {Rotary.Dim(DHead)} dimensions, and {LocalRotary.Dim(DHead)} in layers with a window";
        foreach (var rotary in Positions == PositionKind.Rotary ? new[] { Rotary, LocalRotary ?? Rotary }.Distinct() : [])
        {
            if (!(rotary.Base > 0))
                yield return $"the base of the rotary wavelengths is {rotary.Base}, wanted a positive number";
            if (rotary.Scaling is LongRopeScaling { ShortFactors.Length: var brief, LongFactors.Length: var far } && (brief, far) != (rotary.Dim(DHead) / 2, rotary.Dim(DHead) / 2))
                yield return $"longrope has {brief} short and {far} long factors for {rotary.Dim(DHead) / 2} pairs of rotary dimensions";
        }
        if (SumNorms && (PostNorms || ParallelBlocks || Norm is not NormKind.LayerNorm and not NormKind.Rms))
            yield return "norms over sums need LayerNorm or RMSNorm with a gain, and go neither with post-norms nor with parallel blocks";
        if (Experts > 0 && (!GatedMlp || ExpertsPerToken < 1 || ExpertsPerToken > Experts))
            yield return $"each token passes {ExpertsPerToken} of {Experts} experts{(GatedMlp ? "" : ", which must be gated")}";
        if (Epsilon < 0)
            yield return $"Epsilon is {Epsilon}";
        if (ParallelBlocks && AttentionOnly)
            yield return "parallel blocks need an MLP";
    }
}
