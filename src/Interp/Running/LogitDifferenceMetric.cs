namespace Interp;

using TorchSharp;
using static TorchSharp.torch;

/// <summary>Logit of a correct token minus logit of an incorrect one, at the last position.</summary>
internal sealed class LogitDifferenceMetric : Metric
{
    private readonly IReadOnlyList<int> correct;
    private readonly IReadOnlyList<int> incorrect;

    public LogitDifferenceMetric(IReadOnlyList<int> correct, IReadOnlyList<int> incorrect)
    {
        if (correct.Count != incorrect.Count)
            throw new ArgumentException($"There are {correct.Count} correct and {incorrect.Count} incorrect tokens: give as many of each.");
        (this.correct, this.incorrect) = (correct, incorrect);
    }

    /// <inheritdoc/>
    public override string Name => "logit difference";

    /// <inheritdoc/>
    public override Tensor PerPrompt(Tensor logits)
    {
        using var scope = NewDisposeScope();
        var last = logits.squeeze(1); // [batch, d_vocab]
        return (Pick(last, correct, 0) - Pick(last, incorrect, 0)).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public override (Tensor Directions, Tensor Offsets)? Linear(Tensor unembedding, Tensor? bias)
    {
        using var scope = NewDisposeScope();
        var (right, wrong) = (Columns(correct, correct.Count, 0, unembedding.device), Columns(incorrect, incorrect.Count, 0, unembedding.device));
        var directions = (unembedding.index_select(1, right) - unembedding.index_select(1, wrong)).t().contiguous(); // [batch, d_model]
        var offsets = bias is null ? zeros([correct.Count], dtype: unembedding.dtype, device: unembedding.device)
            : bias.index_select(0, right) - bias.index_select(0, wrong);
        return (directions.MoveToOuterDisposeScope(), offsets.MoveToOuterDisposeScope());
    }

    /// <inheritdoc/>
    public override Metric Rows(int start, int count) => correct.Count == 1
        ? this
        : new LogitDifferenceMetric([.. correct.Skip(start).Take(count)], [.. incorrect.Skip(start).Take(count)]);
}
