namespace Interp;

using TorchSharp;

/// <summary>Where every chain starts.</summary>
public static class RunExtensions
{
    /// <summary>A plan to run the model on a text.</summary>
    /// <param name="model">The model.</param>
    /// <param name="prompt">The text; the model's tokenizer reads it.</param>
    /// <param name="bos">Whether a beginning-of-sequence token is put first.</param>
    /// <exception cref="InvalidOperationException">The model has no tokenizer.</exception>
    public static RunPlan On(this HookedTransformer model, string prompt, Bos bos = Bos.Default) => model.On([prompt], bos);

    /// <summary>A plan to run the model on several texts, padded to one length.</summary>
    /// <param name="model">The model.</param>
    /// <param name="prompts">The texts.</param>
    /// <param name="bos">Whether a beginning-of-sequence token is put first.</param>
    /// <param name="padding">On which side shorter texts are filled.</param>
    public static RunPlan On(this HookedTransformer model, IEnumerable<string> prompts, Bos bos = Bos.Default, PaddingSide padding = PaddingSide.Right) =>
        new(model, RunInput.Of(prompts.Select(p => model.Tokens(p, bos)), padding));

    /// <summary>A plan to run the model on prompts with roles: <see cref="Position.Role"/> then names their spans.</summary>
    /// <param name="model">The model.</param>
    /// <param name="prompts">The prompts; only roles that every prompt has can be named.</param>
    /// <param name="bos">Whether a beginning-of-sequence token is put first.</param>
    /// <param name="padding">On which side shorter prompts are filled.</param>
    public static RunPlan On(this HookedTransformer model, IEnumerable<Prompt> prompts, Bos bos = Bos.Default, PaddingSide padding = PaddingSide.Right)
    {
        var tokenizer = model.TokenizerOrThrow();
        return new RunPlan(model, Checked(model, RunInput.Of(prompts.Select(p => p.Tokenize(tokenizer, new EncodeOptions { Bos = bos })), padding)));
    }

    /// <summary>A plan to run the model on token ids.</summary>
    public static RunPlan On(this HookedTransformer model, params IEnumerable<IReadOnlyList<int>> tokens) => new(model, Checked(model, RunInput.Of(tokens)));

    /// <summary>A plan to run the model on prepared rows of tokens.</summary>
    public static RunPlan On(this HookedTransformer model, RunInput input) => new(model, Checked(model, input));

    /// <summary>A plan to run the model on token ids in a tensor.</summary>
    /// <param name="model">The model.</param>
    /// <param name="tokens">[batch, pos] or [pos], integers.</param>
    /// <param name="mask">[batch, pos], 1 where the token is real; null where all are.</param>
    public static RunPlan On(this HookedTransformer model, torch.Tensor tokens, torch.Tensor? mask = null) => model.On(RunInput.Of(tokens, mask));

    /// <summary>The token ids of a text.</summary>
    /// <exception cref="InvalidOperationException">The model has no tokenizer.</exception>
    public static IReadOnlyList<int> Tokens(this HookedTransformer model, string text, Bos bos = Bos.Default) =>
        model.TokenizerOrThrow().Encode(text, new EncodeOptions { Bos = bos }).Ids;

    /// <summary>The display string of a token; its number on models without a tokenizer.</summary>
    public static string TokenText(this HookedTransformer model, int id) => model.Tokenizer?.TokenText(id) ?? id.ToString(System.Globalization.CultureInfo.InvariantCulture);

    /// <summary>The id of a text that is one token, such as <c>" She"</c>.</summary>
    /// <exception cref="ArgumentException">The text is no single token; the message shows its tokens.</exception>
    public static int SingleToken(this HookedTransformer model, string text)
    {
        var tokenizer = model.TokenizerOrThrow();
        if (tokenizer.TokenId(text) is { } id)
            return id;
        var ids = model.Tokens(text, Bos.Never);
        return ids.Count == 1
            ? ids[0]
            : throw new ArgumentException($"\"{text}\" is {ids.Count} tokens ({string.Join(" | ", ids.Select(tokenizer.TokenText))}), wanted one.", nameof(text));
    }

    private static ITokenizer TokenizerOrThrow(this HookedTransformer model) =>
        model.Tokenizer ?? throw new InvalidOperationException($"{model.Config.ModelName} has no tokenizer: give token ids, or a model with one (WithTokenizer).");

    private static RunInput Checked(HookedTransformer model, RunInput input)
    {
        for (var row = 0; row < input.Batch; row++)
            foreach (var id in input.Rows[row])
                if (id < 0 || id >= model.Config.DVocab)
                    throw new ArgumentOutOfRangeException(nameof(input), $"Token {id} in prompt {row}: {model.Config.ModelName} has {model.Config.DVocab} tokens (0-{model.Config.DVocab - 1}).");
        return input;
    }
}
