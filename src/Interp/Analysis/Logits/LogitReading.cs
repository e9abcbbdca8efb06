namespace Interp;

using TorchSharp;
using static TorchSharp.torch;

/// <summary>What tokens' logits, or differences of them, read behind the final norm.</summary>
internal static class LogitReading
{
    /// <summary>Directions [token, d_model] and constants [token].</summary>
    /// <exception cref="ArgumentException">The numbers of tokens differ, or there is none.</exception>
    /// <exception cref="ArgumentOutOfRangeException">There is no such token.</exception>
    public static (Tensor Directions, Tensor Constants) Of(HookedTransformer model, IReadOnlyList<int> tokens, IReadOnlyList<int>? incorrect)
    {
        if (tokens.Count == 0)
            throw new ArgumentException("There is no token to attribute: give one, or one for each prompt.", nameof(tokens));
        if (incorrect is not null && incorrect.Count != tokens.Count)
            throw new ArgumentException($"There are {tokens.Count} tokens and {incorrect.Count} to subtract: give equally many.", nameof(incorrect));
        using var scope = NewDisposeScope();
        var right = Ids(model, tokens);
        var (directions, constants) = (model.ResidualDirections(right), model.LogitConstant(right));
        if (incorrect is not null)
        {
            var wrong = Ids(model, incorrect);
            (directions, constants) = (directions - model.ResidualDirections(wrong), constants - model.LogitConstant(wrong));
        }
        return (directions.MoveToOuterDisposeScope(), constants.MoveToOuterDisposeScope());
    }

    private static Tensor Ids(HookedTransformer model, IReadOnlyList<int> tokens)
    {
        foreach (var token in tokens)
            if (token < 0 || token >= model.Config.VocabOut)
                throw new ArgumentOutOfRangeException(nameof(tokens), $"Token {token}: {model.Config.ModelName} has {model.Config.VocabOut} tokens (0-{model.Config.VocabOut - 1}).");
        return tensor(tokens.Select(t => (long)t).ToArray(), device: model.Device);
    }
}
