namespace Interp;

using TorchSharp;
using static TorchSharp.torch;

/// <summary>Pairs of prompts with the answer that the base should get when one variable takes the source's value. A value.</summary>
/// <remarks>Interchange interventions (Geiger et al. 2021): accuracy is the share of pairs whose most likely next token is that answer.</remarks>
[TypeFormatterSource(typeof(NotebookFormatters))]
public sealed class InterchangeSet
{
    /// <summary>Pairs of prompts and the counterfactual answers.</summary>
    /// <param name="model">The model.</param>
    /// <param name="bases">The prompts that run.</param>
    /// <param name="sources">The prompts whose value of the variable they get, one for each.</param>
    /// <param name="answers">The token that should follow each base, at its last position.</param>
    /// <exception cref="ArgumentException">The numbers of bases, sources and answers differ.</exception>
    public InterchangeSet(HookedTransformer model, RunInput bases, RunInput sources, IReadOnlyList<int> answers)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(bases);
        ArgumentNullException.ThrowIfNull(sources);
        ArgumentNullException.ThrowIfNull(answers);
        if (bases.Batch != sources.Batch || bases.Batch != answers.Count)
            throw new ArgumentException($"There are {bases.Batch} bases, {sources.Batch} sources and {answers.Count} answers: give one of each for every pair.");
        if (answers.FirstOrDefault(a => a < 0 || a >= model.Config.VocabOut, 0) is var wrong && (wrong < 0 || wrong >= model.Config.VocabOut))
            throw new ArgumentException($"Answer {wrong} is no token: {model.Config.ModelName} has {model.Config.VocabOut}.", nameof(answers));
        (Model, Bases, Sources, Answers) = (model, bases, sources, [.. answers]);
    }

    /// <summary>The model. It stays its owner's.</summary>
    public HookedTransformer Model { get; }

    /// <summary>The prompts that run.</summary>
    public RunInput Bases { get; }

    /// <summary>The prompts that values come from.</summary>
    public RunInput Sources { get; }

    /// <summary>The counterfactual answers.</summary>
    public IReadOnlyList<int> Answers { get; }

    /// <summary>The number of pairs.</summary>
    public int Count => Answers.Count;

    /// <summary>The first pairs to train on, and the rest held out; give pairs in random order.</summary>
    /// <param name="heldOut">The share held out.</param>
    /// <exception cref="ArgumentException">One of the two parts would be empty.</exception>
    public (InterchangeSet Train, InterchangeSet HeldOut) Split(double heldOut = 0.25)
    {
        var rest = (int)Math.Round(Count * heldOut);
        return rest > 0 && rest < Count
            ? (Slice(0, Count - rest), Slice(Count - rest, rest))
            : throw new ArgumentException($"A share of {heldOut} leaves one part of {Count} pairs empty.", nameof(heldOut));
    }

    /// <summary>Interchange accuracy of a subspace, beside random subspaces of the same size.</summary>
    /// <param name="unit">One activation: <c>ResidPost[1].At(Position.Last)</c>.</param>
    /// <param name="subspace">The subspace of its last axis.</param>
    /// <param name="randoms">How many random subspaces.</param>
    /// <param name="seed">Their seed.</param>
    /// <param name="cancellation">Ends between two passes.</param>
    /// <exception cref="ArgumentException">The unit means several layers, or the subspace does not fit it.</exception>
    public InterchangeAccuracy Evaluate(Unit unit, Subspace subspace, int randoms = 10, long seed = 0, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(subspace);
        var right = Metric.Of("interchange accuracy", logits => logits.argmax(-1).eq(Metric.Columns(Answers, Count, 0, logits.device)).to(ScalarType.Float64));
        using var runs = new SubspaceRuns(Model.On(Bases), Model.On(Sources), right, unit, cancellation);
        var effect = runs.Effect(subspace, randoms, seed);
        return new InterchangeAccuracy
        {
            PerPair = [.. effect.PerPrompt.Select(v => v == 1)], Unpatched = effect.Base.Average(), Random = [.. effect.Random.Select(r => r + effect.Base.Average())],
        };
    }

    /// <summary>The number of pairs.</summary>
    public override string ToString() => $"{Count} interchange pairs on {Model.Config.ModelName}";

    internal InterchangeSet Slice(int start, int count) => new(Model, Bases.Slice(start, count), Sources.Slice(start, count), [.. Answers.Skip(start).Take(count)]);
}
