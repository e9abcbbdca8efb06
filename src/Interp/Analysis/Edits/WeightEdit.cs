namespace Interp;

using TorchSharp;
using static TorchSharp.torch;

/// <summary>Changes of a model's weights, in place, that are taken back bit for bit when this is disposed.</summary>
/// <remarks>
/// A change that is refused takes back the earlier ones too, so that a chain that throws leaves the model as it was.
/// Every model that shares the storage sees the changes: processed copies, models with replaced parts, an unembedding tied to the embedding.
/// Nothing may run on another thread meanwhile. Edits of one model are disposed in the opposite order of their making, as <c>using</c> does.
/// </remarks>
[TypeFormatterSource(typeof(NotebookFormatters))]
public sealed partial class WeightEdit : IDisposable
{
    private readonly Stack<(Tensor View, Tensor Before)> changes = [];
    private readonly List<string> done = [];

    internal WeightEdit(HookedTransformer model) => Model = model;

    /// <summary>The model that is changed.</summary>
    public HookedTransformer Model { get; }

    /// <summary>Puts values in place of weights.</summary>
    /// <param name="weights">Which: a view of the model's weights, such as <c>m => m.WOut(3)[17]</c> or <c>m => m.WQ(2)[5]</c>.</param>
    /// <param name="values">Their shape, or one that broadcasts to it; finite.</param>
    /// <returns>This edit.</returns>
    /// <exception cref="ArgumentException">The values have another shape or are not finite.</exception>
    /// <exception cref="InvalidOperationException">What is selected is no view of the weights: an absent bias, or a copy.</exception>
    public WeightEdit Set(Func<HookedTransformer, Tensor> weights, Tensor values) => Whole(() => Change(weights, _ => values, "set"));

    /// <summary>Adds to weights.</summary>
    /// <param name="weights">Which: a view of the model's weights.</param>
    /// <param name="change">Their shape, or one that broadcasts to it; finite.</param>
    /// <returns>This edit.</returns>
    /// <exception cref="ArgumentException">The change has another shape or is not finite.</exception>
    /// <exception cref="InvalidOperationException">What is selected is no view of the weights: an absent bias, or a copy.</exception>
    public WeightEdit Add(Func<HookedTransformer, Tensor> weights, Tensor change) =>
        Whole(() => Change(weights, now => now + change.to(now.dtype, now.device), "add to"));

    /// <summary>Adds a matrix of rank one, scale · left·rightᵀ.</summary>
    /// <param name="matrix">A view of a matrix, such as <c>m => m.WOut(3)</c> or <c>m => m.WV(2)[5]</c>, [row, column].</param>
    /// <param name="left">[row].</param>
    /// <param name="right">[column].</param>
    /// <param name="scale">A factor.</param>
    /// <returns>This edit.</returns>
    /// <exception cref="ArgumentException">The shapes do not fit.</exception>
    public WeightEdit AddRankOne(Func<HookedTransformer, Tensor> matrix, Tensor left, Tensor right, double scale = 1) => Whole(() =>
    {
        using var scope = NewDisposeScope();
        new Shape().Bind(matrix(Model), "row column", nameof(matrix)).Bind(left, "row", nameof(left)).Bind(right, "column", nameof(right));
        return Add(matrix, outer(left, right) * scale);
    });

    /// <summary>Takes everything back.</summary>
    public void Dispose()
    {
        using var noGradient = no_grad();
        done.Clear();
        while (changes.TryPop(out var change))
        {
            change.View.copy_(change.Before);
            change.View.Dispose();
            change.Before.Dispose();
        }
    }

    /// <inheritdoc/>
    public override string ToString() => $"{done.Count} changes of {Model.Config.ModelName}'s weights{(done.Count == 0 ? "" : $": {string.Join("; ", done)}")}";

    // All or nothing: who chains does not hold the edit yet when a link throws.
    private WeightEdit Whole(Func<WeightEdit> change)
    {
        try
        {
            return change();
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    private WeightEdit Change(Func<HookedTransformer, Tensor> select, Func<Tensor, Tensor> values, string verb)
    {
        ArgumentNullException.ThrowIfNull(select);
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        var view = select(Model).detach();
        var wanted = Fitting(values(view), view);
        changes.Push((view.DetachFromDisposeScope(), view.clone().DetachFromDisposeScope()));
        view.copy_(wanted);
        if (!select(Model).Equals(view))
            throw new InvalidOperationException(
                "What is selected is no view of the weights, so a change of it would be lost: a bias that the model does not have (WithOutputBiases "
                + "gives it zeros), or a copy, as indexing by a list makes.");
        done.Add($"{verb} [{string.Join(", ", view.shape)}]");
        return this;
    }

    private static Tensor Fitting(Tensor values, Tensor view)
    {
        var (given, shape) = (values.shape, view.shape);
        if (given.Length > shape.Length || given.Reverse().Zip(shape.Reverse()).Any(p => p.First != p.Second && p.First != 1))
            throw new ArgumentException($"The values have shape [{string.Join(", ", given)}], the weights [{string.Join(", ", shape)}].", nameof(values));
        var wanted = values.detach().to(view.dtype, view.device);
        return wanted.isfinite().all().ToBoolean() ? wanted : throw new ArgumentException($"The values are not finite as {view.dtype}.", nameof(values));
    }
}
