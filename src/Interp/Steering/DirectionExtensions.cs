namespace Interp;

using TorchSharp;
using static TorchSharp.torch;

/// <summary>Directions from a model's activations and from its weights.</summary>
public static class DirectionExtensions
{
    /// <summary>The mean difference between activations of two sets of prompts, one direction for each layer of the unit.</summary>
    /// <param name="positive">The prompts that show it, such as <c>model.On(hers)</c>; edits of the plan are live.</param>
    /// <param name="negative">The prompts that do not; their number may be another.</param>
    /// <param name="unit">Which activation, at which positions: <c>ResidPost.At(Position.Last)</c>. Several positions of a prompt are averaged, padding left out.</param>
    /// <param name="batchSize">Prompts per forward pass.</param>
    /// <param name="cancellation">Ends between two passes.</param>
    /// <exception cref="ArgumentException">The unit is no row per position, the plans' models differ, or a direction would be zero.</exception>
    public static IReadOnlyList<SteeringVector> MeanDifference(
        this RunPlan positive, RunPlan negative, Unit unit, int batchSize = 32, CancellationToken cancellation = default) =>
        Each(positive, negative, unit, batchSize, cancellation, (p, n, name, provenance) => Directions.MeanDifference(p, n, name, provenance));

    /// <summary>The first principal component of the differences within pairs of prompts (LAT), one direction for each layer of the unit.</summary>
    /// <param name="positive">The prompts that show it; edits of the plan are live.</param>
    /// <param name="negative">The partner of each.</param>
    /// <param name="unit">Which activation, at which positions; several positions of a prompt are averaged, padding left out.</param>
    /// <param name="seed">Of the shuffle that turns every second pair round.</param>
    /// <param name="batchSize">Prompts per forward pass.</param>
    /// <param name="cancellation">Ends between two passes.</param>
    /// <exception cref="ArgumentException">The plans differ in model or number of prompts, the unit is no row per position, or a direction would be zero.</exception>
    public static IReadOnlyList<SteeringVector> PrincipalDifference(
        this RunPlan positive, RunPlan negative, Unit unit, int seed = 0, int batchSize = 32, CancellationToken cancellation = default) =>
        Each(positive, negative, unit, batchSize, cancellation, (p, n, name, provenance) => Directions.PrincipalDifference(p, n, name, provenance, seed));

    /// <summary>The direction that a probe reads along: its weights, per unit of the activation.</summary>
    /// <remarks>For two classes it points towards the second. Its length is the probe's: <see cref="SteeringVector.WithNorm"/> gives it one that means a distance.</remarks>
    /// <param name="probe">The probe.</param>
    /// <param name="origin">The activation it was fitted on; null where it was fitted on none in particular.</param>
    /// <param name="output">The class, where there are more than two.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such output.</exception>
    public static SteeringVector ToSteeringVector(this LinearProbe probe, HookName? origin = null, int output = 0)
    {
        ArgumentNullException.ThrowIfNull(probe);
        return output >= 0 && output < probe.Outputs
            ? new SteeringVector(probe.Weights(output), origin, new Provenance { Method = $"{probe.Method} probe" })
            : throw new ArgumentOutOfRangeException(nameof(output), $"No output {output}: the probe has {probe.Outputs}.");
    }

    /// <summary>The direction that writes a token's logit: its column of the unembedding, or the difference of two tokens' columns.</summary>
    /// <remarks>It lies behind the final norm: on raw weights the norm's gain is not in it.</remarks>
    /// <param name="model">The model.</param>
    /// <param name="token">The token.</param>
    /// <param name="minus">Another token whose column is subtracted; null for none.</param>
    /// <exception cref="ArgumentOutOfRangeException">A token is not in the vocabulary.</exception>
    public static SteeringVector UnembeddingDirection(this HookedTransformer model, int token, int? minus = null)
    {
        using var scope = NewDisposeScope();
        var column = Column(model, token);
        if (minus is { } other)
            column -= Column(model, other);
        var method = $"unembedding of {model.TokenText(token)}{(minus is { } m ? $" minus {model.TokenText(m)}" : "")}";
        return SteeringVector.Of(column, null, new Provenance { Model = model.Config.ModelName, Method = method });
    }

    /// <summary>What an MLP neuron writes: its row of the output matrix (its value vector; Geva et al. 2021).</summary>
    /// <param name="model">The model.</param>
    /// <param name="layer">The block.</param>
    /// <param name="neuron">The neuron.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such layer or neuron.</exception>
    /// <exception cref="InvalidOperationException">The block has no MLP of its own (attention-only models, experts).</exception>
    public static SteeringVector ValueVector(this HookedTransformer model, int layer, int neuron)
    {
        if (layer < 0 || layer >= model.Config.Layers)
            throw new ArgumentOutOfRangeException(nameof(layer), $"No layer {layer}: there are {model.Config.Layers} (0-{model.Config.Layers - 1}).");
        using var scope = NewDisposeScope();
        var matrix = model.WOut(layer); // [d_mlp, d_model]
        if (neuron < 0 || neuron >= matrix.shape[0])
            throw new ArgumentOutOfRangeException(nameof(neuron), $"No neuron {neuron}: there are {matrix.shape[0]} (0-{matrix.shape[0] - 1}).");
        return SteeringVector.Of(matrix[neuron], new HookName(Sites.MlpOut, layer), new Provenance { Model = model.Config.ModelName, Method = $"value vector of neuron {neuron}" });
    }

    private static Tensor Column(HookedTransformer model, int token) => token >= 0 && token < model.Config.VocabOut
        ? model.WU.select(1, token)
        : throw new ArgumentOutOfRangeException(nameof(token), $"Token {token}: {model.Config.ModelName} writes {model.Config.VocabOut} tokens (0-{model.Config.VocabOut - 1}).");

    private static List<SteeringVector> Each(
        RunPlan positive, RunPlan negative, Unit unit, int batchSize, CancellationToken cancellation,
        Func<Tensor, Tensor, HookName, Provenance, SteeringVector> fit)
    {
        if (!ReferenceEquals(positive.Model, negative.Model))
            throw new ArgumentException("The two sides run different models: make both with one model's On.", nameof(negative));
        RequireRows(unit);
        using var scope = NewDisposeScope();
        using var p = Rows(positive, unit, batchSize, cancellation);
        using var n = Rows(negative, unit, batchSize, cancellation);
        var provenance = new Provenance { Model = positive.Model.Config.ModelName, Fingerprint = positive.Model.Fingerprint() };
        return [.. HookBinding.Names(positive.Model, unit).Select((name, i) => fit(p.Data[i].Features, n.Data[i].Features, name, provenance))];
    }

    private static ProbeFeatures Rows(RunPlan plan, Unit unit, int batchSize, CancellationToken cancellation) =>
        plan.Probe(unit, new double[plan.Input.Batch]).Pool(Pooling.Mean).Batch(batchSize).Read(null, cancellation);

    private static void RequireRows(Unit unit)
    {
        var kept = unit.Site.Axes.Where(axis => !unit.Along(axis).IsSingle || axis == "pos").ToArray();
        if (kept is not ["batch", "pos", _])
            throw new ArgumentException($"{unit} is [{string.Join(", ", kept)}] here; a direction needs one row for each position: a site like ResidPost, or one head of Z.", nameof(unit));
    }
}
