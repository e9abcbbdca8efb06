namespace Interp;

/// <summary>Batches of prompts from texts.</summary>
public static class TokenBatchExtensions
{
    /// <summary>Batches of prompts, made as they are needed; the last tokens that fill no prompt are dropped where texts are packed.</summary>
    /// <param name="model">The model whose tokenizer reads the texts.</param>
    /// <param name="texts">The texts; gone through again for every pass.</param>
    /// <param name="options">Length, number, packing.</param>
    /// <exception cref="ArgumentException">The options do not hold.</exception>
    /// <exception cref="InvalidOperationException">The model has no tokenizer.</exception>
    public static IEnumerable<RunInput> TokenBatches(this HookedTransformer model, IEnumerable<string> texts, TokenBatchOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(texts);
        options ??= TokenBatchOptions.Default;
        var tokenizer = model.Tokenizer ?? throw new InvalidOperationException($"{model.Config.ModelName} has no tokenizer: give batches of token ids.");
        var beginning = options.Bos == Bos.Always || (options.Bos == Bos.Default && tokenizer.AddsBos) ? tokenizer.BosId : null;
        if (options.Rows < 1 || options.Passes < 0 || options.Context < (beginning is null ? 1 : 2) || options.Context > model.Config.Context)
            throw new ArgumentException(
                $"Rows {options.Rows} must be at least 1, Passes {options.Passes} not negative, Context {options.Context} between {(beginning is null ? 1 : 2)} and the model's {model.Config.Context}.", nameof(options));
        return Prompts(tokenizer, Passes(texts, options.Passes), options, beginning).Chunk(options.Rows).Select(rows => RunInput.Of(rows));
    }

    /// <inheritdoc cref="TokenBatches(HookedTransformer, IEnumerable{string}, TokenBatchOptions?)"/>
    /// <remarks>The thread that trains waits for each text.</remarks>
    public static IEnumerable<RunInput> TokenBatches(this HookedTransformer model, IAsyncEnumerable<string> texts, TokenBatchOptions? options = null) =>
        model.TokenBatches(texts.ToBlockingEnumerable(), options);

    private static IEnumerable<string> Passes(IEnumerable<string> texts, int passes)
    {
        for (var pass = 0; passes == 0 || pass < passes; pass++)
        {
            var any = false;
            foreach (var text in texts)
            {
                any = true;
                yield return text;
            }
            if (!any)
                yield break;
        }
    }

    private static IEnumerable<int[]> Prompts(ITokenizer tokenizer, IEnumerable<string> texts, TokenBatchOptions options, int? beginning)
    {
        int[] first = beginning is { } bos ? [bos] : [];
        var length = options.Context - first.Length;
        var waiting = new List<int>();
        foreach (var text in texts)
        {
            var ids = tokenizer.Encode(text, new EncodeOptions { Bos = Bos.Never }).Ids;
            if (!options.Packed)
            {
                if (ids.Length > 0)
                    yield return [.. first, .. ids.Take(length)];
                continue;
            }
            waiting.AddRange(ids);
            if (tokenizer.EosId is { } end)
                waiting.Add(end);
            var start = 0;
            for (; waiting.Count - start >= length; start += length)
                yield return [.. first, .. waiting.GetRange(start, length)];
            waiting.RemoveRange(0, start);
        }
    }
}
