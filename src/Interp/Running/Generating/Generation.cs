namespace Interp;

using TorchSharp;

/// <summary>Generated texts, with what was captured while they were written. It owns its tensors; dispose it when done.</summary>
[TypeFormatterSource(typeof(NotebookFormatters))]
public sealed class Generation : IDisposable, INotebookView
{
    private readonly torch.Tensor? logits;

    internal Generation(RunPlan plan, IReadOnlyList<GeneratedRow> rows, ActivationCache cache, torch.Tensor? logits) =>
        (Plan, Rows, Cache, this.logits) = (plan, rows, cache, logits);

    /// <summary>What was run.</summary>
    public RunPlan Plan { get; }

    /// <summary>The texts: prompt after prompt, and within a prompt sample after sample.</summary>
    public IReadOnlyList<GeneratedRow> Rows { get; }

    /// <summary>
    /// The captured activations of prompt and new tokens, each position once; their <see cref="ActivationCache.Input"/> is the whole texts.
    /// Behind the end of a text that is shorter than others stands padding.
    /// </summary>
    public ActivationCache Cache { get; }

    /// <summary>Prompts and what was written, as a run would read them.</summary>
    public RunInput Input => Cache.Input!;

    /// <summary>The logits that new tokens were chosen from, [rows, step, d_vocab], before penalty and filters; behind the end of a text they mean nothing.</summary>
    /// <exception cref="InvalidOperationException">They were not kept.</exception>
    public torch.Tensor Logits => logits ?? throw new InvalidOperationException("The logits were not kept: ask for them with KeepLogits.");

    /// <summary>The one new text.</summary>
    /// <exception cref="InvalidOperationException">There are several texts, or the model has no tokenizer.</exception>
    public string Text => Rows.Count != 1
        ? throw new InvalidOperationException($"There are {Rows.Count} texts: read Rows.")
        : Rows[0].Text ?? throw new InvalidOperationException($"{Plan.Model.Config.ModelName} has no tokenizer: read Rows[0].Tokens.");

    /// <summary>A captured activation.</summary>
    public torch.Tensor this[Unit unit] => Cache[unit];

    /// <summary>Frees logits and activations.</summary>
    public void Dispose()
    {
        Cache.Dispose();
        logits?.Dispose();
    }

    string INotebookView.Html
    {
        get
        {
            var table = new TextTable("prompt", "new text", "ended by").Left(1, 2);
            foreach (var row in Rows)
                table.Add($"{row.Prompt}", row.ToString(), $"{row.Stop}");
            return NotebookHtml.Under(ToString(), table);
        }
    }

    /// <summary>How many texts and tokens there are.</summary>
    public override string ToString() => $"{Rows.Count} texts, {Rows.Sum(r => r.Tokens.Length)} new tokens{(Cache.Count > 0 ? $", {Cache.Count} activations" : "")}";
}
