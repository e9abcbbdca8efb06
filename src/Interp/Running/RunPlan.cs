namespace Interp;

using System.Collections.Immutable;
using System.Text;
using Interp.Extending;
using TorchSharp;
using static TorchSharp.torch;

/// <summary>A run that is described and not yet done: an immutable chain. The last verb (<c>Run</c>, <c>Logits</c>, <c>Loss</c>, ...) does it.</summary>
/// <remarks>Nothing on the model changes. Printing the plan says what it will do.</remarks>
[TypeFormatterSource(typeof(NotebookFormatters))]
public sealed partial record RunPlan
{
    internal RunPlan(HookedTransformer model, RunInput input) => (Model, Input) = (model, input);

    /// <summary>The model that will run. It stays its owner's.</summary>
    public HookedTransformer Model { get; }

    /// <summary>What it will read.</summary>
    public RunInput Input { get; internal init; }

    internal ImmutableArray<Unit> Captures { get; init; } = [];

    internal ImmutableArray<Edit> Edits { get; init; } = [];

    internal ImmutableArray<Variant> VariantList { get; init; } = [];

    internal CaptureStorage Storage { get; init; } = CaptureStorage.Device;

    internal long? ByteBudget { get; init; }

    internal Indices? LogitPlaces { get; init; } = Indices.All;

    internal int StartLayer { get; init; }

    internal Tensor? StartResidual { get; init; }

    internal Tensor? ContinuousInput { get; init; }

    internal int? StopLayer { get; init; }

    internal KeyValueCache? PastKeysValues { get; init; }

    internal Func<int, Tensor?>? Visibility { get; init; }

    internal bool Wide { get; init; }

    /// <summary>Keeps activations: whole sites, or parts such as <c>ResidPost.At(Position.Last)</c>.</summary>
    public RunPlan Capture(params IEnumerable<Unit> units) => this with { Captures = [.. Captures, .. units] };

    /// <summary>Keeps every activation that costs nothing extra (all hook points but the lazy ones and the logits).</summary>
    public RunPlan CaptureAll() => Capture(Model.HookNames.Where(n => !n.Site.Lazy && n.Site != Sites.UnembedOut).Select(n => (Unit)n));

    /// <summary>Where captured activations are kept; on the model's device by default.</summary>
    public RunPlan KeepOn(CaptureStorage storage) => this with { Storage = storage };

    /// <summary>Refuses to run when the captured activations would take more bytes than this.</summary>
    public RunPlan Budget(long bytes) => this with { ByteBudget = bytes };

    /// <summary>Changes activations while the model runs; edits apply in the order in which they are given.</summary>
    public RunPlan Intervene(Unit unit, IIntervention intervention) => this with { Edits = Edits.Add(new Edit(unit, intervention)) };

    /// <summary>Puts given values in place of a unit.</summary>
    public RunPlan Replace(Unit unit, Tensor values) => Intervene(unit, Interventions.Replace(values));

    /// <summary>Adds a direction times a strength.</summary>
    public RunPlan Add(Unit unit, Tensor direction, double scale = 1) => Intervene(unit, Interventions.Add(direction, scale));

    /// <summary>Multiplies a unit by a factor.</summary>
    public RunPlan Scale(Unit unit, double factor) => Intervene(unit, Interventions.Scale(factor));

    /// <summary>Zero ablation of a unit.</summary>
    public RunPlan Zero(Unit unit) => Intervene(unit, Interventions.Zero());

    /// <summary>Takes a unit out: zeros, a mean over reference prompts, other prompts' values or noise stand in its place.</summary>
    public RunPlan Ablate(Unit unit, Ablation ablation) => Intervene(unit, new AblationEdit(ablation));

    /// <summary>Removes the component along a direction.</summary>
    public RunPlan ProjectOut(Unit unit, Tensor direction) => Intervene(unit, Interventions.ProjectOut(direction));

    /// <summary>Applies a function to a unit.</summary>
    public RunPlan Apply(Unit unit, Func<Tensor, Tensor> function) => Intervene(unit, Interventions.Apply(function));

    /// <summary>Stops the gradient at a unit.</summary>
    public RunPlan StopGradient(Unit unit) => Intervene(unit, Interventions.StopGradient());

    /// <summary>Multiplies the gradient at a unit by a factor.</summary>
    public RunPlan ScaleGradient(Unit unit, double factor) => Intervene(unit, Interventions.ScaleGradient(factor));

    /// <summary>Puts given values in place of the gradient at a unit.</summary>
    public RunPlan ReplaceGradient(Unit unit, Tensor gradient) => Intervene(unit, Interventions.ReplaceGradient(gradient));

    /// <summary>Runs several variants in one batch: rows of the first variant, then of the second, and so on.</summary>
    public RunPlan Variants(params IEnumerable<Variant> variants) => this with { VariantList = [.. VariantList, .. variants] };

    /// <summary>Unembeds the given positions only.</summary>
    public RunPlan LogitsAt(Indices positions) => this with { LogitPlaces = positions };

    /// <summary>Asks for no logits: the run ends after the last block anybody listens to.</summary>
    public RunPlan WithoutLogits() => this with { LogitPlaces = null };

    /// <summary>Starts at a block from a given residual stream.</summary>
    /// <param name="layer">The first block to run.</param>
    /// <param name="residual">What <c>blocks.{layer}.hook_resid_pre</c> is, [batch, pos, d_model]. It stays the caller's.</param>
    public RunPlan StartAt(int layer, Tensor residual) => this with { StartLayer = layer < 0 ? layer + Model.Config.Layers : layer, StartResidual = residual };

    /// <summary>Stops before a block; <c>^1</c> is the last. The run's <see cref="Run.Residual"/> is the residual stream there.</summary>
    public RunPlan StopBefore(Index layer) => this with { StopLayer = layer.GetOffset(Model.Config.Layers), LogitPlaces = null };

    /// <summary>Reads continuous inputs in place of token embeddings, [batch, pos, d_model]. They stay the caller's.</summary>
    public RunPlan WithEmbeddings(Tensor embeddings) => this with { ContinuousInput = embeddings };

    /// <summary>Continues after the positions in a key-value cache and, unless it is frozen, adds to it.</summary>
    public RunPlan After(KeyValueCache past) => this with { PastKeysValues = past };

    /// <summary>Hides keys from queries beyond causality.</summary>
    /// <param name="keep">Per layer a tensor that broadcasts to [batch, head, query, key], 1 keeps and 0 hides; or null. The tensors stay the caller's.</param>
    public RunPlan MaskAttention(Func<int, Tensor?> keep) => this with { Visibility = keep };

    /// <summary>Bytes that the captured activations will take.</summary>
    /// <exception cref="InvalidOperationException">A custom site has an axis whose length is not known before the run.</exception>
    public long CaptureBytes() => CaptureSize.Bytes(this);

    /// <inheritdoc/>
    public override string ToString()
    {
        var text = new StringBuilder($"{Model.Config.ModelName} on {Input.Batch} x {Input.Length} tokens");
        if (!Edits.IsEmpty)
            text.Append($"; {NameList.Short(Edits, "; ")}");
        if (!VariantList.IsEmpty)
            text.Append($"; {VariantList.Length} variants");
        if (!Captures.IsEmpty)
            text.Append($"; capture {NameList.Short(Captures)}");
        return text.Append(LogitPlaces is { } places ? $"; logits at {places}" : "; no logits").ToString();
    }

    /// <summary>Whether the plan runs the whole model on its tokens with nothing changed.</summary>
    internal bool IsPlain => Edits.IsEmpty && VariantList.IsEmpty && StartResidual is null && ContinuousInput is null && PastKeysValues is null && Visibility is null;

    internal RunRequest Request(ICaptureSink? sink, bool gradients, CancellationToken cancellation) => new()
    {
        Model = Model, Input = Input, Edits = Edits, Variants = VariantList, Captures = Captures, Sink = sink, Gradients = gradients,
        LogitsAt = LogitPlaces, StartLayer = StartLayer, Start = StartResidual, Embeddings = ContinuousInput, StopLayer = StopLayer,
        Cache = PastKeysValues, Visibility = Visibility, Wide = Wide, Cancellation = cancellation,
    };
}
