namespace Interp;

using TorchSharp;
using static TorchSharp.torch;

/// <content>Numbers read off the logits, each [layer, prompt, pos].</content>
public sealed partial class LogitLens
{
    /// <summary>Logit of a token minus logit of another, [layer, prompt, pos].</summary>
    /// <param name="correct">One token for all prompts, or one for each.</param>
    /// <param name="incorrect">Likewise.</param>
    /// <exception cref="ArgumentException">The number of tokens is neither one nor that of the prompts.</exception>
    public LabelledArray LogitDifference(IReadOnlyList<int> correct, IReadOnlyList<int> incorrect)
    {
        using var scope = NewDisposeScope();
        return Labelled(Pick(Logits, correct) - Pick(Logits, incorrect), "logit difference");
    }

    /// <inheritdoc cref="LogitDifference(IReadOnlyList{int}, IReadOnlyList{int})"/>
    public LabelledArray LogitDifference(int correct, int incorrect) => LogitDifference([correct], [incorrect]);

    /// <summary>Probability of a token, [layer, prompt, pos], between 0 and 1.</summary>
    /// <param name="tokens">One token for all prompts, or one for each.</param>
    /// <exception cref="ArgumentException">The number of tokens is neither one nor that of the prompts.</exception>
    public LabelledArray Probability(params IReadOnlyList<int> tokens)
    {
        using var scope = NewDisposeScope();
        return Labelled(Pick(Wide().softmax(-1), tokens), "probability");
    }

    /// <summary>How many tokens have a higher logit than the given one, [layer, prompt, pos]: 0 for the highest.</summary>
    /// <param name="tokens">One token for all prompts, or one for each.</param>
    /// <exception cref="ArgumentException">The number of tokens is neither one nor that of the prompts.</exception>
    public LabelledArray Rank(params IReadOnlyList<int> tokens)
    {
        using var scope = NewDisposeScope();
        return Labelled(Logits.gt(Pick(Logits, tokens).unsqueeze(-1)).sum(-1), "rank");
    }

    /// <summary>Entropy of each row's distribution, -sum p log p, in nats, [layer, prompt, pos].</summary>
    public LabelledArray Entropy()
    {
        using var scope = NewDisposeScope();
        var logs = Wide().log_softmax(-1);
        return Labelled(-(logs.exp() * logs).sum(-1), "entropy (nats)");
    }

    /// <summary>KL divergence of each row from a reference row, sum p_ref (log p_ref - log p_row), in nats, [layer, prompt, pos].</summary>
    /// <param name="reference">The reference row; the last by default, whose own divergence is 0.</param>
    public LabelledArray KlFrom(Index? reference = null)
    {
        using var scope = NewDisposeScope();
        var logs = Wide().log_softmax(-1); // [row, batch, pos, d_vocab]
        var from = logs.narrow(0, (reference ?? ^1).GetOffset(rows.Length), 1);
        return Labelled((from.exp() * (from - logs)).sum(-1), $"KL from {Labels[reference ?? ^1]} (nats)");
    }

    /// <summary>KL divergence of each row from the same row of another lens, sum p_other (log p_other - log p_row), in nats, [layer, prompt, pos].</summary>
    /// <remarks>The other may be another model's (with the same vocabulary), another run's, or a tuned lens beside a logit lens.</remarks>
    /// <param name="reference">As many rows, prompts, positions and tokens.</param>
    /// <exception cref="ArgumentException">The logits have another shape.</exception>
    public LabelledArray KlFrom(LogitLens reference)
    {
        ArgumentNullException.ThrowIfNull(reference);
        if (!reference.Logits.shape.SequenceEqual(Logits.shape))
            throw new ArgumentException(
                $"The lenses read [{string.Join(", ", Logits.shape)}] and [{string.Join(", ", reference.Logits.shape)}] (rows, prompts, positions, tokens): read equally many.", nameof(reference));
        using var scope = NewDisposeScope();
        var (own, from) = (Wide().log_softmax(-1), reference.Wide().to(Logits.device).log_softmax(-1)); // [row, batch, pos, d_vocab]
        return Labelled((from.exp() * (from - own)).sum(-1), $"KL from {reference.model.Config.ModelName}'s {reference.Method} (nats)");
    }

    /// <summary>Mean KL divergence between all rows, sum p_reference (log p_reference - log p_layer), in nats, [reference, layer]; padding is left out.</summary>
    public LabelledArray KlBetweenLayers()
    {
        using var scope = NewDisposeScope();
        var logs = Wide().log_softmax(-1); // [row, batch, pos, d_vocab]
        var weights = RealPlaces(); // [batch, pos]
        var means = new double[rows.Length * rows.Length];
        for (var reference = 0; reference < rows.Length; reference++)
        {
            using var step = NewDisposeScope();
            var from = logs.narrow(0, reference, 1);
            ((from.exp() * (from - logs)).sum(-1) * weights).sum([1, 2]).Doubles().CopyTo(means, reference * rows.Length);
        }
        return new LabelledArray(
            [new Axis("reference", rows.Labels), rows], means, "KL from reference (nats)", new Provenance { Model = model.Config.ModelName, Method = Method });
    }

    private Tensor Wide() => LensExtensions.Wide(Logits);

    // Shares of the mean over real tokens, [batch, pos].
    private Tensor RealPlaces()
    {
        var real = input?.MaskTensor(Logits.device);
        var chosen = real is null || columns is null
            ? ones([Prompts, Places], dtype: ScalarType.Float64, device: Logits.device)
            : real.index_select(1, tensor(columns.Select(c => (long)c).ToArray(), device: Logits.device)).repeat(Prompts / input!.Batch, 1).to(ScalarType.Float64);
        return chosen / chosen.sum();
    }

    private LabelledArray Labelled(Tensor values, string quantity) => new(
        [rows, CachedStream.Prompts(Prompts), places], values.Doubles(), quantity, new Provenance { Model = model.Config.ModelName, Method = Method });

    // Each prompt's own token, [row, batch, pos].
    private Tensor Pick(Tensor logits, IReadOnlyList<int> tokens)
    {
        if (tokens.Count != 1 && tokens.Count != Prompts)
            throw new ArgumentException($"There are {tokens.Count} tokens for {Prompts} prompts: give one for all, or one for each.", nameof(tokens));
        foreach (var token in tokens)
            if (token < 0 || token >= model.Config.VocabOut)
                throw new ArgumentOutOfRangeException(nameof(tokens), $"Token {token}: {model.Config.ModelName} has {model.Config.VocabOut} tokens (0-{model.Config.VocabOut - 1}).");
        var columns = tensor(tokens.Select(t => (long)t).ToArray(), device: logits.device).view(1, -1, 1, 1);
        return logits.gather(-1, columns.expand(rows.Length, Prompts, Places, 1)).squeeze(-1);
    }
}
