namespace Interp;

using TorchSharp;
using static TorchSharp.torch;

/// <content>Edits of what sublayers write.</content>
public sealed partial class WeightEdit
{
    /// <summary>Puts another value vector in place of a neuron's: its row of W_out.</summary>
    /// <param name="layer">The layer.</param>
    /// <param name="neuron">The neuron.</param>
    /// <param name="vector">[d_model].</param>
    /// <returns>This edit.</returns>
    /// <exception cref="ArgumentOutOfRangeException">There is no such layer or neuron.</exception>
    /// <exception cref="ArgumentException">The vector has another shape.</exception>
    public WeightEdit SetValueVector(Index layer, int neuron, Tensor vector) => Whole(() =>
    {
        var l = HeadCircuitExtensions.Checked(Model, layer);
        if (neuron < 0 || neuron >= Model.Config.DMlp)
            throw new ArgumentOutOfRangeException(nameof(neuron), $"No neuron {neuron}: {Model.Config.ModelName} has {Model.Config.DMlp} in a layer (0-{Model.Config.DMlp - 1}).");
        Shape.Check(vector, $"{Model.Config.DModel}", nameof(vector));
        return Set(m => m.WOut(l)[neuron], vector);
    });

    /// <summary>Makes an MLP write a value for a key, and changes what it writes for other keys as little as their statistics allow.</summary>
    /// <remarks>
    /// The update of rank one of Meng et al. 2022, "Locating and Editing Factual Associations in GPT", equation 2: W + u (v - kW) / (u·k) with
    /// u = C⁻¹k. Without statistics u = k, the smallest change.
    /// </remarks>
    /// <param name="layer">The layer.</param>
    /// <param name="key">The neurons' activations, as <c>MlpPost</c> has them, [d_mlp].</param>
    /// <param name="value">What the MLP shall write for them, the output bias left out, [d_model].</param>
    /// <param name="covariance">C = mean of kᵀk over many keys, [d_mlp, d_mlp], or null.</param>
    /// <returns>This edit.</returns>
    /// <exception cref="ArgumentException">A shape is another one, or the key is zero.</exception>
    public WeightEdit Associate(Index layer, Tensor key, Tensor value, Tensor? covariance = null) => Whole(() =>
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        var l = HeadCircuitExtensions.Checked(Model, layer);
        var shape = new Shape().Bind(key, $"{Model.Config.DMlp}", nameof(key)).Bind(value, $"{Model.Config.DModel}", nameof(value));
        if (covariance is not null)
            shape.Bind(covariance, $"{Model.Config.DMlp} {Model.Config.DMlp}", nameof(covariance));
        Tensor Wide(Tensor t) => t.detach().to(ScalarType.Float64).to(Model.Device);
        var (k, v) = (Wide(key), Wide(value));
        var u = covariance is null ? k : linalg.solve(Wide(covariance), k);
        var along = u.dot(k).ToDouble();
        if (!(Math.Abs(along) > 0) || !double.IsFinite(along))
            throw new ArgumentException("The key is zero, or the covariance cannot be inverted: nothing can be associated with it.", nameof(key));
        var missing = v - k.matmul(Wide(Model.WOut(l))); // [d_model]
        return AddRankOne(m => m.WOut(l), u, missing, 1 / along);
    });

    /// <summary>Folds a vector into the bias of the sublayer that writes to a place of the residual stream: steering at every position, without a hook.</summary>
    /// <param name="at">
    /// <c>AttnOut</c> or <c>MlpOut</c> at a layer, or the stream behind them: <c>ResidMid</c>, <c>ResidPost</c>, and <c>ResidPre</c> of a layer
    /// but the first. At several layers it is folded in at each.
    /// </param>
    /// <param name="vector">[d_model].</param>
    /// <param name="scale">A factor.</param>
    /// <returns>This edit.</returns>
    /// <exception cref="ArgumentException">The place is another one, or the vector has another shape.</exception>
    /// <exception cref="InvalidOperationException">The sublayer has no output bias (<see cref="HookedTransformer.WithOutputBiases"/> makes one).</exception>
    /// <exception cref="NotSupportedException">The model has a norm between the bias and the place.</exception>
    public WeightEdit FoldIn(Unit at, Tensor vector, double scale = 1) => Whole(() =>
    {
        if (Model.Config.PostNorms || Model.Config.SumNorms)
            throw new NotSupportedException($"{Model.Config.ModelName} has norms behind its sublayers: a bias is not added to the stream as it is. Add the vector in a run (Add).");
        Shape.Check(vector, $"{Model.Config.DModel}", nameof(vector));
        if (!at.IsWhole)
            throw new ArgumentException($"{at} is a part of an activation: a bias reaches every position and the whole width.", nameof(at));
        using var scope = NewDisposeScope();
        var writers = HookBinding.Names(Model, at).Select(Writer).ToArray();
        foreach (var (layer, attention) in writers)
            Add(m => attention ? m.BO(layer) : m.BOut(layer), vector * scale);
        return this;
    });

    // The sublayer whose bias reaches the place, and nothing before it.
    private (int Layer, bool Attention) Writer(HookName at)
    {
        var layer = at.Site == Sites.ResidPre ? at.Layer - 1 : at.Layer;
        var writes = at.Site == Sites.AttnOut || at.Site == Sites.MlpOut || at.Site == Sites.ResidMid || at.Site == Sites.ResidPost || at.Site == Sites.ResidPre;
        if (!writes || layer < 0)
            throw new ArgumentException($"No bias writes to '{at}': take AttnOut, MlpOut, ResidMid or ResidPost of a layer, or ResidPre of a layer but the first.", nameof(at));
        return (layer, at.Site == Sites.AttnOut || at.Site == Sites.ResidMid || Model.Blocks[layer].Mlp is null);
    }
}
