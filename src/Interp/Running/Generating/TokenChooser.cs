namespace Interp;

using TorchSharp;
using static TorchSharp.torch;

/// <summary>Chooses each row's next token from its logits.</summary>
internal sealed class TokenChooser(GenerationOptions options)
{
    /// <summary>The next token of each row, with its log-probability before penalty and filters.</summary>
    /// <param name="logits">[rows, d_vocab].</param>
    /// <param name="rows">The texts so far.</param>
    /// <param name="step">How many tokens were added before.</param>
    public (int Id, double LogProbability)[] Next(Tensor logits, IReadOnlyList<GenerationRow> rows, int step)
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        var scores = Penalised(logits, rows);
        var ids = options.Sampling is { } sampling ? Drawn(sampling, scores, rows, step) : Best(scores);
        var wide = logits.dtype is ScalarType.Float32 or ScalarType.Float64 ? logits : logits.to(ScalarType.Float32);
        var index = tensor(ids, [ids.Length, 1], device: logits.device);
        return [.. ids.Zip(wide.log_softmax(-1).gather(1, index).Doubles(), (id, log) => ((int)id, log))];
    }

    private static long[] Best(Tensor scores) => scores.argmax(-1).to(ScalarType.Int64).cpu().contiguous().data<long>().ToArray();

    private static long[] Drawn(Sampling sampling, Tensor scores, IReadOnlyList<GenerationRow> rows, int step)
    {
        var (probabilities, width) = (sampling.Probabilities(scores).Doubles(), (int)scores.shape[1]);
        return [.. rows.Select((row, i) => Place(
            probabilities.AsSpan(i * width, width), CounterRandom.Unit(sampling.Seed, row.Prompt, row.Sample, step)))];
    }

    // The place where the running sum first exceeds the drawn share of the whole.
    private static long Place(ReadOnlySpan<double> probabilities, double drawn)
    {
        var whole = 0.0;
        foreach (var p in probabilities)
            whole += p;
        if (!double.IsFinite(whole))
            throw new ArithmeticException("The logits hold NaN or infinite values: no token can be drawn. An edit of too great a strength does that.");
        var (sum, last) = (0.0, 0);
        for (var i = 0; i < probabilities.Length; i++)
        {
            if (probabilities[i] == 0)
                continue;
            (sum, last) = (sum + probabilities[i], i);
            if (sum > drawn * whole)
                break;
        }
        return last;
    }

    private Tensor Penalised(Tensor logits, IReadOnlyList<GenerationRow> rows)
    {
        if (options.RepetitionPenalty == 1)
            return logits;
        var (width, seen) = ((int)logits.shape[1], new bool[logits.numel()]);
        for (var row = 0; row < rows.Count; row++)
            foreach (var id in rows[row].Text)
                if (id < width)
                    seen[row * width + id] = true;
        var penalised = where(logits < 0, logits * options.RepetitionPenalty, logits / options.RepetitionPenalty);
        return where(tensor(seen, logits.shape, device: logits.device), penalised, logits);
    }
}
