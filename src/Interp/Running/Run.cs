namespace Interp;

using TorchSharp;
using static TorchSharp.torch;

/// <summary>What a run gave: logits and captured activations. It owns them; dispose it when done.</summary>
[TypeFormatterSource(typeof(NotebookFormatters))]
public sealed class Run : IDisposable, INotebookView
{
    private readonly Tensor? logits;
    private readonly Tensor? residual;

    internal Run(RunPlan plan, ActivationCache cache, Tensor? logits, Tensor? residual) => (Plan, Cache, this.logits, this.residual) = (plan, cache, logits, residual);

    /// <summary>What was run.</summary>
    public RunPlan Plan { get; }

    /// <summary>The model that ran.</summary>
    public HookedTransformer Model => Plan.Model;

    /// <summary>What it read.</summary>
    public RunInput Input => Plan.Input;

    /// <summary>The captured activations.</summary>
    public ActivationCache Cache { get; }

    /// <summary>The logits, [rows, place, d_vocab].</summary>
    /// <exception cref="InvalidOperationException">The plan asked for none.</exception>
    public Tensor Logits => logits ?? throw new InvalidOperationException("The run has no logits: its plan asked for none (WithoutLogits or StopBefore).");

    /// <summary>The residual stream where the run stopped, [rows, pos, d_model].</summary>
    /// <exception cref="InvalidOperationException">The run went on to the logits.</exception>
    public Tensor Residual => residual ?? throw new InvalidOperationException("The run went on to the logits. Capture ResidPost, or stop with StopBefore(layer).");

    /// <summary>A captured activation.</summary>
    public Tensor this[Unit unit] => Cache[unit];

    /// <summary>Mean of -log p(next token) over all pairs of neighbouring real tokens, in nats.</summary>
    public double Loss
    {
        get
        {
            using var scope = NewDisposeScope();
            using var noGradient = no_grad();
            return Losses.Mean(Logits, Input).ToDouble();
        }
    }

    /// <summary>The text of each token of a row.</summary>
    /// <param name="row">Which prompt.</param>
    public IReadOnlyList<string> Tokens(int row = 0) => [.. Input.Rows[row].Select(Model.TokenText)];

    /// <summary>Frees logits and activations.</summary>
    public void Dispose()
    {
        Cache.Dispose();
        logits?.Dispose();
        residual?.Dispose();
    }

    string INotebookView.Html => NotebookHtml.Under(ToString(), Cache.Table());

    /// <summary>What was run, and what there is of it.</summary>
    public override string ToString() => $"{Plan}; {(logits is null ? "no logits" : "logits")}, {Cache.Count} activations";
}
