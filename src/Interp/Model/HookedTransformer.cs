namespace Interp;

using System.Collections.Immutable;
using Interp.Extending;
using TorchSharp;
using static TorchSharp.torch;

/// <summary>A decoder-style transformer whose every activation can be read and changed.</summary>
/// <remarks>
/// The model itself never changes because of a run: captures and interventions belong to the run, so several threads may run one model.
/// It owns its weights; disposing it frees them, except for storage that another model shares.
/// </remarks>
[TypeFormatterSource(typeof(NotebookFormatters))]
public sealed partial class HookedTransformer : IDisposable
{
    private readonly Rotary? rotary;
    private readonly Rotary? localRotary;

    private HookedTransformer(
        TransformerConfig config, TransformerWeights weights, ITokenizer? tokenizer, ImmutableArray<Func<Block, Block>> changes,
        ImmutableDictionary<HookName, ISplice>? splices = null)
    {
        (Config, Weights, Tokenizer, Changes) = (config, weights, tokenizer, changes);
        Splices = splices ?? ImmutableDictionary<HookName, ISplice>.Empty;
        if (config.Positions == PositionKind.Rotary)
            rotary = new Rotary(config.Rotary, config.DHead, config.Context, weights.Embedding);
        if (rotary is not null && config.LocalRotary is { } local)
            localRotary = new Rotary(local, config.DHead, config.Context, weights.Embedding);
        if (config.EmbeddingNorm)
            EmbeddingNorm = new Norm("embed.ln", false, true, config.DModel, config.Epsilon, weights.EmbeddingNorm);
        FinalNorm = config.SumNorms ? new NoNorm() : MakeNorm("ln_final", false, weights.FinalNorm);
        Blocks = [.. weights.Blocks.Select((w, layer) => Changed(MakeBlock(w, layer), layer))];
    }

    /// <summary>What the model is built of.</summary>
    public TransformerConfig Config { get; }

    /// <summary>All weights. They belong to the model.</summary>
    public TransformerWeights Weights { get; }

    /// <summary>The tokenizer, or none on models of bare numbers.</summary>
    public ITokenizer? Tokenizer { get; }

    /// <summary>The blocks, first to last.</summary>
    public ImmutableArray<Block> Blocks { get; }

    /// <summary>The norm over the token embedding, or none.</summary>
    public INorm? EmbeddingNorm { get; }

    /// <summary>The norm before the unembedding.</summary>
    public INorm FinalNorm { get; }

    /// <summary>The weights' data type.</summary>
    public ScalarType Dtype => Weights.Embedding.dtype;

    /// <summary>Whether a pass can be computed in more bits than the weights have: it is made of our own components, which convert them.</summary>
    internal bool CanWiden => Splices.IsEmpty && Dtype != ScalarType.Float64 && FinalNorm is Norm or NoNorm && EmbeddingNorm is null or Norm
        && Blocks.All(b => b.Attention is Attention && b.Mlp is null or Mlp or ExpertMlp
            && new[] { b.Norm1, b.Norm2, b.PostNorm1, b.PostNorm2, b.SumNorm1, b.SumNorm2 }.All(norm => norm is null or Norm or NoNorm));

    /// <summary>Whether the weights are gone.</summary>
    internal bool IsDisposed => Weights.Embedding.IsInvalid;

    /// <summary>Where the weights are.</summary>
    public Device Device => Weights.Embedding.device;

    /// <summary>Every site this model emits, in the order of the forward pass.</summary>
    public IEnumerable<Site> Sites
    {
        get
        {
            IEnumerable<Site> sites = [.. EmbeddingNorm?.Sites ?? [], Interp.Sites.Embed];
            if (Weights.Positions is not null)
                sites = sites.Append(Interp.Sites.PosEmbed);
            return sites.Concat(Blocks.SelectMany(b => b.Sites)).Concat(FinalNorm.Sites).Append(Interp.Sites.UnembedIn).Append(Interp.Sites.UnembedOut).Distinct();
        }
    }

    /// <summary>Every hook point this model has, lazy ones included.</summary>
    public IEnumerable<HookName> HookNames
    {
        get
        {
            foreach (var site in Sites.Where(s => !s.PerLayer && s != Interp.Sites.UnembedIn && s != Interp.Sites.UnembedOut && !FinalNorm.Sites.Contains(s)))
                yield return new HookName(site);
            for (var layer = 0; layer < Blocks.Length; layer++)
                foreach (var site in Blocks[layer].Sites)
                    yield return new HookName(site, layer);
            foreach (var site in FinalNorm.Sites.Append(Interp.Sites.UnembedIn).Append(Interp.Sites.UnembedOut))
                yield return new HookName(site);
        }
    }

    /// <summary>What stands behind hook points.</summary>
    internal ImmutableDictionary<HookName, ISplice> Splices { get; }

    private ImmutableArray<Func<Block, Block>> Changes { get; }

    /// <summary>A model over given weights, which become its own.</summary>
    /// <param name="config">What it is built of.</param>
    /// <param name="weights">All weights.</param>
    /// <param name="tokenizer">The tokenizer, or null.</param>
    /// <exception cref="ArgumentException">The description does not hold together, or a weight has another shape than it says.</exception>
    public static HookedTransformer Create(TransformerConfig config, TransformerWeights weights, ITokenizer? tokenizer = null)
    {
        ArgumentNullException.ThrowIfNull(weights);
        WeightShapes.Check(config.Validated(), weights);
        return new HookedTransformer(config, weights, tokenizer, [.. Enumerable.Repeat<Func<Block, Block>>(b => b, config.Layers)]);
    }

    /// <summary>A second model that shares these weights, with another attention in some layers.</summary>
    /// <param name="layers">Which layers.</param>
    /// <param name="replace">Makes the attention that takes the place of the given one.</param>
    public HookedTransformer WithAttention(Indices layers, Func<IAttention, IAttention> replace) =>
        WithBlocks(layers, b => b.With(replace(b.Attention), b.Mlp));

    /// <summary>A second model that shares these weights, with another MLP in some layers.</summary>
    /// <param name="layers">Which layers.</param>
    /// <param name="replace">Makes the part that takes the place of the given one.</param>
    public HookedTransformer WithMlp(Indices layers, Func<IFeedForward, IFeedForward> replace) =>
        WithBlocks(layers, b => b.With(b.Attention, b.Mlp is null ? null : replace(b.Mlp)));

    /// <summary>A second model that shares these weights, with something behind a hook point of a block.</summary>
    /// <param name="name">The hook point; who listens there hears what the splice reads.</param>
    /// <param name="splice">What stands behind it.</param>
    /// <exception cref="ArgumentException">The model does not have the hook point in a block, or something stands there already.</exception>
    public HookedTransformer WithSplice(HookName name, ISplice splice)
    {
        ArgumentNullException.ThrowIfNull(splice);
        if (!name.Site.PerLayer || name.Layer < 0 || name.Layer >= Blocks.Length || !Blocks[name.Layer].Sites.Contains(name.Site))
            throw new ArgumentException($"No hook point '{name}' in a block of {Config.ModelName}, which has {Blocks.Length} of them.", nameof(name));
        return Splices.ContainsKey(name)
            ? throw new ArgumentException($"Something stands behind '{name}' already: begin with the model without it.", nameof(name))
            : new HookedTransformer(Config, Weights.Share(), Tokenizer, Changes, Splices.Add(name, splice));
    }

    /// <summary>A second model that shares these weights, with a tokenizer.</summary>
    public HookedTransformer WithTokenizer(ITokenizer? tokenizer) => new(Config, Weights.Share(), tokenizer, Changes, Splices);

    /// <summary>A second model with the weights in another data type or on another device.</summary>
    public HookedTransformer To(ScalarType? dtype = null, Device? device = null)
    {
        using var noGradient = no_grad();
        var weights = Weights.Map(t => t.to(dtype ?? t.dtype, device ?? t.device, copy: true).DetachFromDisposeScope());
        return new HookedTransformer(Config, weights, Tokenizer, Changes, Splices);
    }

    /// <summary>A second model in which some weights are others; the rest is shared.</summary>
    /// <param name="replace">From a weight of this model to the one that takes its place, which becomes the new model's, or null where it stays.</param>
    internal HookedTransformer WithWeights(Func<Tensor, Tensor?> replace) =>
        new(Config, Weights.Map(weight => replace(weight) ?? weight.alias().DetachFromDisposeScope()), Tokenizer, Changes, Splices);

    /// <summary>Frees the weights.</summary>
    public void Dispose()
    {
        Weights.Dispose();
        rotary?.Dispose();
        localRotary?.Dispose();
    }

    /// <inheritdoc/>
    public override string ToString() =>
        $"{Config.ModelName}: {Config.Layers} layers, d_model {Config.DModel}, {Config.Heads} heads, {Dtype} on {Device}";

    private HookedTransformer WithBlocks(Indices layers, Func<Block, Block> change)
    {
        var changes = Changes.ToBuilder();
        foreach (var layer in layers.Resolve(Config.Layers, "layer"))
        {
            var earlier = changes[layer];
            changes[layer] = block => change(earlier(block));
        }
        return new HookedTransformer(Config, Weights.Share(), Tokenizer, changes.ToImmutable(), Splices);
    }

    /// <summary>Whether a text that grows from one length to another comes to other rotary frequencies, so that keys computed before cannot serve after.</summary>
    internal bool KeysExpire(long from, long to) => rotary is { DependsOnLength: true } && rotary.Regime(from) != rotary.Regime(to);

    private Block Changed(Block block, int layer) =>
        Changes[layer](block).With(Splices.Where(s => s.Key.Layer == layer).ToDictionary(s => s.Key.Site, s => s.Value));

    private Block MakeBlock(BlockWeights w, int layer)
    {
        var attention = new Attention(Config, w.Attention, Config.Window(layer) > 0 ? localRotary ?? rotary : rotary);
        IFeedForward? mlp = w.Mlp is not null ? new Mlp(Config, w.Mlp) : w.Experts is not null ? new ExpertMlp(Config, w.Experts) : null;
        INorm Before(string module, NormWeights? weights) => Config.PreNorms && !Config.SumNorms ? MakeNorm(module, true, weights) : new NoNorm();
        return new Block(
            Config.ParallelBlocks,
            Before("ln1", w.Norm1),
            attention,
            Config.PostNorms ? MakeNorm("ln1_post", true, w.PostNorm1) : null,
            mlp is null ? null : Before("ln2", w.Norm2),
            mlp,
            Config.PostNorms && mlp is not null ? MakeNorm("ln2_post", true, w.PostNorm2) : null)
        {
            SumNorm1 = Config.SumNorms ? MakeNorm("ln1", true, w.Norm1) : null,
            SumNorm2 = Config.SumNorms && mlp is not null ? MakeNorm("ln2", true, w.Norm2) : null,
        };
    }

    private INorm MakeNorm(string module, bool perLayer, NormWeights? weights) => Config.Norm switch
    {
        NormKind.None => new NoNorm(),
        var kind => new Norm(module, perLayer, kind is NormKind.LayerNorm or NormKind.LayerNormPre, Config.DModel, Config.Epsilon, weights),
    };
}
