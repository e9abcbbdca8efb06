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
        return Labelled(Pick(Logits.softmax(-1), tokens), "probability");
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
        var logs = Logits.log_softmax(-1);
        return Labelled(-(logs.exp() * logs).sum(-1), "entropy (nats)");
    }

    /// <summary>KL divergence of each row from a reference row, sum p_ref (log p_ref - log p_row), in nats, [layer, prompt, pos].</summary>
    /// <param name="reference">The reference row; the last by default, whose own divergence is 0.</param>
    public LabelledArray KlFrom(Index? reference = null)
    {
        using var scope = NewDisposeScope();
        var logs = Logits.log_softmax(-1); // [row, batch, pos, d_vocab]
        var from = logs.narrow(0, (reference ?? ^1).GetOffset(rows.Length), 1);
        return Labelled((from.exp() * (from - logs)).sum(-1), $"KL from {Labels[reference ?? ^1]} (nats)");
    }

    private LabelledArray Labelled(Tensor values, string quantity) => new(
        [rows, CachedStream.Prompts(Prompts), places], values.Doubles(), quantity, new Provenance { Model = model.Config.ModelName, Method = "logit lens" });

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
