namespace Interp;

using TorchSharp;
using static TorchSharp.torch;

/// <summary>Writes texts token by token.</summary>
/// <remarks>
/// 1. Run the prompts once, keeping keys and values. 2. Choose each row's next token from the logits at the last position. 3. Feed it and repeat,
/// one position a pass; a row that has ended is fed on, and what it writes is dropped. 4. Where activations are captured, feed the last tokens
/// too. Models whose rotary frequencies change with the length read the whole text in every pass, and take no edits or captures then.
/// </remarks>
internal sealed class GenerationEngine : IDisposable
{
    private readonly RunPlan plan;
    private readonly GenerationOptions options;
    private readonly RunInput prompts;
    private readonly int[] stopTokens;
    private readonly TokenChooser chooser;
    private readonly GenerationSink sink;
    private readonly PreparedEdits ablations = new();
    private readonly List<Tensor> logits = [];
    private readonly GenerationRow[] rows;
    private readonly KeyValueCache? past;
    private readonly int before;
    private readonly int limit;
    private readonly int room;
    private RunRequest request;
    private int steps;

    /// <summary>Prepares a plan's continuation; nothing runs yet but what ablations measure.</summary>
    public GenerationEngine(RunPlan plan, GenerationOptions options, CancellationToken cancellation)
    {
        (this.plan, this.options) = (plan, options.Validated(plan.Model));
        var model = plan.Model;
        if (plan.Input.Mask is { } mask && mask.Any(row => !row[^1]))
            throw new ArgumentException("Shorter prompts are padded on the right, between the text and its continuation: pad on the left (padding: PaddingSide.Left).");
        prompts = plan.Input.Repeated(options.Samples);
        before = plan.PastKeysValues?.Length ?? 0;
        // The last new token is not read, unless activations are captured there.
        room = model.Config.Positions == PositionKind.None ? int.MaxValue : model.Config.Context - before - prompts.Length + (plan.Captures.IsEmpty ? 1 : 0);
        if (room < 1 && options.Tokens > 0)
            throw new ArgumentException($"The prompt's {before + prompts.Length} tokens leave no room in the context of {model.Config.Context}: shorten it.");
        limit = Math.Min(options.Tokens, room);
        rows = [.. Rows()];
        stopTokens = [.. options.StopTokens, .. options.StopAtEnd && model.Tokenizer?.EosId is { } end ? new[] { end } : []];
        (chooser, sink) = (new TokenChooser(options), new GenerationSink(plan));
        CheckBudget();
        var keep = !rows.Any(row => model.KeysExpire(before + row.Text.Count, before + row.Text.Count + limit));
        if (!keep && !(plan.IsPlain && plan.Captures.IsEmpty))
            throw new NotSupportedException($"{model.Config.ModelName} reads texts of so different lengths with different frequencies; edits and captures cannot follow. Add fewer tokens, or remove them.");
        using var scope = NewDisposeScope();
        request = ablations.Prepare(plan.Request(sink, gradients: false, cancellation)) with
        {
            Input = prompts.InText(before + prompts.Length), LogitsAt = Position.Last, Captures = [.. sink.Units], Lenient = true,
        };
        past = !keep ? null : plan.PastKeysValues?.Copy(model) ?? new KeyValueCache(model);
        request = request with { Cache = past };
    }

    /// <summary>Whether every text has ended.</summary>
    public bool Done => steps >= limit || rows.All(row => row.Stop is not null);

    /// <summary>The new tokens of each text.</summary>
    public IReadOnlyList<GenerationRow> Texts => rows;

    /// <summary>Chooses one token for each text that goes on.</summary>
    public IReadOnlyList<GeneratedToken> Next(CancellationToken cancellation)
    {
        using var scope = NewDisposeScope();
        var last = ForwardEngine.Run(request with { Cancellation = cancellation }).Logits!.squeeze(1); // [rows, d_vocab]
        if (options.KeepLogits)
            logits.Add(last.detach().clone().DetachFromDisposeScope());
        var chosen = chooser.Next(last, rows, steps++);
        List<GeneratedToken> written = [];
        for (var row = 0; row < rows.Length; row++)
        {
            var (id, log) = chosen[row];
            if (rows[row].Stop is not null)
                rows[row].Text.Add(id);
            else
            {
                var (piece, stop) = rows[row].Take(id, log, stopTokens.Contains(id), steps < limit ? null : steps == options.Tokens ? StopReason.Tokens : StopReason.Context);
                written.Add(new GeneratedToken(row, steps - 1, id, piece, log, stop));
            }
        }
        Feed([.. chosen.Select(c => c.Id)]);
        return written;
    }

    /// <summary>The texts and everything captured.</summary>
    public Generation Finish(CancellationToken cancellation)
    {
        // What was chosen last has not been read yet.
        if (sink.Units.Count > 0 && (steps == 0 || rows.Any(row => row.Added.Count == steps)))
            ForwardEngine.Run(request with { LogitsAt = null, Cancellation = cancellation }).Residual?.Dispose();
        var cache = new ActivationCache(plan.Model, prompts.InText(before + prompts.Length).Continued([.. rows.Select(row => row.Added)]));
        try
        {
            sink.Fill(cache, before);
            using var scope = NewDisposeScope();
            var kept = options.KeepLogits && logits.Count > 0 ? stack(logits, 1).DetachFromDisposeScope() : null; // [rows, step, d_vocab]
            return new Generation(plan, [.. rows.Select(row => row.Result())], cache, kept);
        }
        catch
        {
            cache.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        past?.Dispose();
        ablations.Dispose();
        sink.Dispose();
        logits.ForEach(tensor => tensor.Dispose());
    }

    private void Feed(int[] chosen)
    {
        var input = past is null ? RunInput.Of(rows.Select(row => row.Text), PaddingSide.Left) : RunInput.Of(chosen.Select(id => new[] { id }));
        request = request with { Input = input.InText(before + prompts.Length), Embeddings = null };
    }

    private IEnumerable<GenerationRow> Rows()
    {
        for (var row = 0; row < prompts.Batch; row++)
        {
            int[] real = [.. Real(row)];
            var stream = plan.Model.Tokenizer is { } tokenizer ? new TextStream(tokenizer, real, options.StopStrings) : null;
            yield return new GenerationRow(row / options.Samples, row % options.Samples, real, stream);
        }
    }

    // The prompt without its padding, which only rows that came as a tensor hold.
    private IEnumerable<int> Real(int row) =>
        prompts.Rows[row].Length == prompts.Length && prompts.Mask is { } mask ? prompts.Rows[row].Where((_, i) => mask[row][i]) : prompts.Rows[row];

    private void CheckBudget()
    {
        if (plan.ByteBudget is not null)
            (plan with { Input = prompts.Continued([.. rows.Select(_ => new int[limit])]) }).CheckBudget();
    }
}
