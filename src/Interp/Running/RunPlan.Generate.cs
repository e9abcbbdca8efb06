namespace Interp;

using TorchSharp;
using static TorchSharp.torch;

/// <content>Greedy generation with interventions live.</content>
public sealed partial record RunPlan
{
    /// <summary>Continues the one prompt greedily and gives the new text.</summary>
    /// <param name="tokens">How many tokens to add at most.</param>
    /// <param name="stopAtEnd">Whether the tokenizer's end-of-sequence token ends the text.</param>
    /// <param name="cancellation">Ends generation between two tokens.</param>
    /// <exception cref="InvalidOperationException">There are several prompts, or no tokenizer.</exception>
    public string Generate(int tokens, bool stopAtEnd = true, CancellationToken cancellation = default)
    {
        if (Input.Batch != 1)
            throw new InvalidOperationException($"There are {Input.Batch} prompts: use GenerateTokens, which gives a row for each.");
        var tokenizer = Model.Tokenizer ?? throw new InvalidOperationException($"{Model.Config.ModelName} has no tokenizer: use GenerateTokens.");
        var ids = GenerateTokens(tokens, stopAtEnd ? tokenizer.EosId : null, cancellation)[0];
        return tokenizer.Decode(ids, skipSpecial: true);
    }

    /// <summary>Continues every prompt greedily (argmax, the lowest id among equals).</summary>
    /// <remarks>
    /// Keys and values of earlier positions are kept, so each step runs one position. Edits stay live; positions in their units count from
    /// the start of the padded prompt, <see cref="Position.Last"/> is the newest token. Prompts of different length must be padded on the left.
    /// </remarks>
    /// <param name="tokens">How many tokens to add at most.</param>
    /// <param name="stopToken">A row ends with this token; the token is left out of the result.</param>
    /// <param name="cancellation">Ends generation between two tokens.</param>
    /// <returns>The new tokens of each row.</returns>
    /// <exception cref="NotSupportedException">There are edits, and the text grows past a length where the model's rotary frequencies change.</exception>
    /// <exception cref="ArgumentException">Padding stands between a prompt and its continuation, or prompt and continuation exceed the context.</exception>
    public int[][] GenerateTokens(int tokens, int? stopToken = null, CancellationToken cancellation = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(tokens);
        if (Input.Mask is { } mask && mask.Any(row => !row[^1]))
            throw new ArgumentException("Shorter prompts are padded on the right, between the text and its continuation: pad on the left (padding: PaddingSide.Left).");
        // The last new token is not read.
        if (Input.Length + tokens - 1 > Model.Config.Context && tokens > 0 && Model.Config.Positions != PositionKind.None)
            throw new ArgumentException($"{Input.Length} tokens and {tokens} new ones exceed the context of {Model.Config.Context}.", nameof(tokens));
        var texts = Texts();
        var keep = !texts.Any(text => Model.KeysExpire(text.Count, text.Count + tokens));
        if (!keep && !IsPlain)
            throw new NotSupportedException($"{Model.Config.ModelName} reads texts of so different lengths with different frequencies; edits cannot follow. Add fewer tokens, or remove the edits.");
        using var scope = NewDisposeScope();
        using var past = keep ? new KeyValueCache(Model) : null;
        var rows = Enumerable.Range(0, Input.Batch).Select(_ => new List<int>()).ToArray();
        var open = Enumerable.Repeat(true, Input.Batch).ToArray();
        using var ablations = new PreparedEdits();
        var step = ablations.Prepare(Request(null, gradients: false, cancellation)) with
        {
            Cache = past, LogitsAt = Position.Last, Captures = [], Lenient = true,
        };
        for (var i = 0; i < tokens && open.Any(o => o); i++)
        {
            var next = NextTokens(step);
            for (var row = 0; row < next.Length; row++)
                if (open[row] && (open[row] = next[row] != stopToken))
                    rows[row].Add(next[row]);
            for (var row = 0; row < next.Length; row++)
                texts[row].Add(next[row]);
            step = step with { Input = keep ? RunInput.Of(next.Select(id => new[] { id })) : RunInput.Of(texts, PaddingSide.Left) };
        }
        return [.. rows.Select(r => r.ToArray())];
    }

    // The prompts without their padding, which only rows that came as a tensor hold.
    private List<int>[] Texts() => [.. Input.Rows.Select((ids, row) =>
        ids.Length == Input.Length && Input.Mask is { } mask ? ids.Where((_, i) => mask[row][i]).ToList() : [.. ids])];

    private static int[] NextTokens(RunRequest step)
    {
        using var scope = NewDisposeScope();
        var logits = ForwardEngine.Run(step).Logits!; // [batch, 1, d_vocab]
        return [.. logits.argmax(-1).to(ScalarType.Int64).cpu().contiguous().data<long>().ToArray().Select(v => (int)v)];
    }
}
