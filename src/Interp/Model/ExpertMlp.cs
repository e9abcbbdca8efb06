namespace Interp;

using Interp.Extending;
using TorchSharp;
using static TorchSharp.torch;

/// <summary>A mixture of gated MLPs, of which a router chooses a few for each token (Jiang et al. 2024, Mixtral, arXiv 2401.04088, §2.1).</summary>
/// <remarks>
/// 1. Softmax of the router's scores over all experts. 2. The best few; their weights are divided by their sum. 3. Each expert reads the tokens
/// that chose it: those that chose it first, in order, then those that chose it second, and so on. 4. Outputs are added with their weights.
/// The choice itself has no gradient.
/// </remarks>
[TypeFormatterSource(typeof(NotebookFormatters))]
public sealed class ExpertMlp : IFeedForward
{
    private readonly TransformerConfig config;
    private readonly (Site Gate, Site Linear, Site Post)[] sites;

    /// <summary>A mixture over given weights, which stay the caller's.</summary>
    public ExpertMlp(TransformerConfig config, ExpertWeights weights)
    {
        (this.config, Weights) = (config, weights);
        Site Of(int expert, string name) => Site.InLayer($"mlp.experts.{expert}.{name}", "row d_mlp");
        sites = [.. Enumerable.Range(0, weights.Experts.Length).Select(e => (Of(e, "hook_gate"), Of(e, "hook_pre"), Of(e, "hook_post")))];
    }

    /// <summary>Each token's weight for every expert, before the best are chosen, [batch, pos, expert].</summary>
    public static Site Weight { get; } = Site.InLayer("mlp.hook_expert_weights", "batch pos expert");

    /// <summary>The numbers of the experts that each token chose, best first, [batch, pos, choice].</summary>
    public static Site Choice { get; } = Site.InLayer("mlp.hook_expert_indices", "batch pos choice");

    /// <summary>The weights.</summary>
    public ExpertWeights Weights { get; }

    /// <inheritdoc/>
    public IEnumerable<Site> Sites => sites.SelectMany(s => new[] { s.Gate, s.Linear, s.Post }).Prepend(Choice).Prepend(Weight).Append(Interp.Sites.MlpOutRaw);

    /// <inheritdoc/>
    public Tensor Forward(ForwardContext run, int layer, Tensor x)
    {
        using var scope = NewDisposeScope();
        var scores = Attention.Affine(x, Weights.Router, null); // [batch, pos, expert]
        var wide = scores.dtype is ScalarType.Float64 or ScalarType.Float32 ? scores : scores.to(ScalarType.Float32);
        var weights = run.Emit(Weight, layer, wide.softmax(-1));
        var chosen = run.Emit(Choice, layer, weights.topk(config.ExpertsPerToken, -1).indexes); // [batch, pos, choice]
        var share = weights.gather(-1, chosen);
        share = (share / share.sum([-1], keepdim: true)).to(x.dtype).flatten(0, 1); // [token, choice]
        var (tokens, choices) = (x.flatten(0, 1), chosen.flatten(0, 1)); // [token, d_model], [token, choice]
        var output = zeros_like(tokens);
        for (var expert = 0; expert < sites.Length; expert++)
            output = Add(run, layer, expert, output, tokens, choices, share);
        return run.Emit(Interp.Sites.MlpOutRaw, layer, output.view(x.shape)).MoveToOuterDisposeScope();
    }

    /// <summary>How many experts, how many of them answer.</summary>
    public override string ToString() => $"{config.Experts} experts, {config.ExpertsPerToken} for each token";

    private Tensor Add(ForwardContext run, int layer, int expert, Tensor output, Tensor tokens, Tensor choices, Tensor share)
    {
        var places = (choices.t() == expert).nonzero(); // [row, 2]: choice, token
        var (choice, token) = (places.select(1, 0), places.select(1, 1));
        var weights = Weights.Experts[expert];
        var hidden = Attention.Affine(tokens.index_select(0, token), weights.In, weights.InBias); // [row, 2 d_mlp]
        var gate = run.Emit(sites[expert].Gate, layer, hidden.narrow(-1, 0, config.DMlp));
        var linear = run.Emit(sites[expert].Linear, layer, hidden.narrow(-1, config.DMlp, config.DMlp));
        var post = run.Emit(sites[expert].Post, layer, Mlp.Activate(config.Activation, gate) * linear); // [row, d_mlp]
        var rows = Attention.Affine(post, weights.Out, weights.OutBias) * share.flatten().index_select(0, token * config.ExpertsPerToken + choice).unsqueeze(-1); // [row, d_model]
        return output.index_add(0, token, rows, 1);
    }
}
