namespace Interp;

using TorchSharp;
using static TorchSharp.torch;

/// <summary>What a lens reads, row by row: by the unembedding alone, or behind a tuned lens's translators. It owns its logits; dispose it when done.</summary>
/// <remarks>nostalgebraist 2020, "interpreting GPT: the logit lens"; Belrose et al. 2023, "Eliciting Latent Predictions from Transformers with the Tuned Lens".</remarks>
[TypeFormatterSource(typeof(NotebookFormatters))]
public sealed partial class LogitLens : IDisposable, INotebookView
{
    private readonly HookedTransformer model;
    private readonly RunInput? input;
    private readonly int[]? columns;
    private readonly Axis rows;
    private readonly Axis places;

    internal LogitLens(ActivationCache cache, Indices positions, IEnumerable<string> labels, Tensor logits, string method)
    {
        (model, input, Logits, Method) = (cache.Model, cache.Input, logits, method);
        rows = new Axis("layer", labels);
        places = CachedStream.Places(cache, positions, logits.shape[2]);
        columns = CachedStream.Columns(cache.Input, positions, logits.shape[2]);
    }

    /// <summary>The logits, [row, batch, pos, d_vocab].</summary>
    public Tensor Logits { get; }

    /// <summary>Which lens: <c>logit lens</c> or <c>tuned lens</c>.</summary>
    public string Method { get; }

    /// <summary>The rows in the order of the forward pass: <c>0_pre</c>, <c>0_mid</c>, ..., <c>final_post</c>.</summary>
    public IReadOnlyList<string> Labels => rows.Labels;

    private string Title => char.ToUpperInvariant(Method[0]) + Method[1..];

    private long Prompts => Logits.shape[1];

    private long Places => Logits.shape[2];

    /// <summary>The tokens each row ranks highest, with their probabilities.</summary>
    /// <param name="count">How many tokens each cell keeps.</param>
    /// <param name="prompt">Which prompt.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such prompt, or the vocabulary has fewer tokens.</exception>
    public LensTable Top(int count = 5, int prompt = 0)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, model.Config.VocabOut);
        ArgumentOutOfRangeException.ThrowIfNegative(prompt);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(prompt, Prompts);
        using var scope = NewDisposeScope();
        var (values, tokens) = Wide().select(1, prompt).softmax(-1).topk(count, -1); // [row, pos, count]
        var (probabilities, ids) = (values.Doubles(), tokens.Doubles());
        var cells = new LensCell[rows.Length][];
        for (var row = 0; row < cells.Length; row++)
            cells[row] = [.. Enumerable.Range(0, (int)Places).Select(place => Cell(probabilities, ids, ((row * (int)Places) + place) * count, count))];
        return new LensTable(rows, TokensOf(prompt), cells, Title);
    }

    /// <summary>Prints the table of the highest-ranked tokens.</summary>
    /// <param name="prompt">Which prompt.</param>
    public void Print(int prompt = 0) => Top(1, prompt).Print();

    /// <summary>Draws the table of the highest-ranked tokens.</summary>
    /// <param name="count">How many tokens show on hover.</param>
    /// <param name="prompt">Which prompt.</param>
    /// <param name="title">The title.</param>
    public Figure Figure(int count = 5, int prompt = 0, string? title = null) => Top(count, prompt).Draw(title);

    string INotebookView.Html => NotebookHtml.Under(ToString(), Figure().Fragment);

    /// <summary>Frees the logits.</summary>
    public void Dispose() => Logits.Dispose();

    /// <inheritdoc/>
    public override string ToString() => $"{Title}: {rows.Length} rows ({string.Join(", ", Labels)}), {Prompts} prompts, {Places} positions";

    private LensCell Cell(double[] probabilities, double[] ids, int start, int count) =>
        LensCell.From([.. Enumerable.Range(start, count).Select(i => (model.TokenText((int)ids[i]), probabilities[i]))]);

    private Axis TokensOf(int prompt) => columns is not null && input is { Mask: null }
        ? new Axis("pos", columns.Select(c => model.TokenText(input.Rows[prompt % input.Batch][c])))
        : places;
}
