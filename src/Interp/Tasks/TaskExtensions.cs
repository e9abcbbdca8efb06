namespace Interp;

using System.Collections.Immutable;
using TorchSharp;
using static TorchSharp.torch;

/// <summary>Models on tasks.</summary>
public static class TaskExtensions
{
    /// <summary>A contrast of a task's prompts, measured by the difference of their answers' logits.</summary>
    public static Contrast Contrast(this HookedTransformer model, TaskPrompts prompts) =>
        model.Contrast(prompts.Clean, prompts.Corrupted, prompts.LogitDifference);

    /// <summary>The share of prompts after which the model's first choice, over its whole vocabulary, is a right answer; 0 to 1.</summary>
    /// <param name="model">A model with the vocabulary that the prompts are written in.</param>
    /// <param name="prompts">The prompts; their clean side is asked.</param>
    /// <param name="cancellation">Ends the measurement between two layers.</param>
    public static double Accuracy(this HookedTransformer model, TaskPrompts prompts, CancellationToken cancellation = default)
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        var rows = prompts.Clean.Rows;
        var choices = model.On(prompts.Clean).Logits(cancellation).argmax(-1).cpu(); // [batch, pos]
        var places = choices.data<long>().ToArray();
        return Enumerable.Range(0, rows.Length).Count(row => prompts.Right[row].Contains((int)places[row * prompts.Clean.Length + rows[row].Length - 1])) / (double)rows.Length;
    }

    /// <summary>How well a model completes repeated sequences.</summary>
    /// <param name="model">A model with the task's vocabulary.</param>
    /// <param name="sequences">The sequences.</param>
    /// <param name="cancellation">Ends the measurement between two layers.</param>
    public static InductionScore Score(this HookedTransformer model, InductionSequences sequences, CancellationToken cancellation = default)
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        var logits = model.On(sequences.Input).Logits(cancellation); // [batch, pos, d_vocab]
        var losses = Losses.PerToken(logits, sequences.Input).to(ScalarType.Float64); // [batch, pos - 1]
        var tokens = sequences.Input.TokenTensor(model.Device);
        var right = logits.argmax(-1).narrow(1, 0, sequences.Input.Length - 1).eq(tokens.narrow(1, 1, sequences.Input.Length - 1));
        var determined = Determined(sequences).to(model.Device);
        var (repeated, other) = (determined.sum().ToDouble(), (1 - determined).sum().ToDouble());
        return new InductionScore(
            (losses * (1 - determined)).sum().ToDouble() / other,
            (losses * determined).sum().ToDouble() / repeated,
            (right.to(ScalarType.Float64) * determined).sum().ToDouble() / repeated);
    }

    // 1 where the next token is determined, [batch, pos - 1], float64.
    private static Tensor Determined(InductionSequences sequences)
    {
        var (rows, width) = (sequences.Input.Batch, sequences.Input.Length - 1);
        var flags = new double[rows * width];
        for (var i = 0; i < flags.Length; i++)
            flags[i] = sequences.Determined(i / width, i % width) ? 1 : 0;
        return tensor(flags, [rows, width]);
    }
}
