namespace Interp;

using static TorchSharp.torch;

/// <summary>One prompt's rows; the model runs only when somebody wants them.</summary>
/// <param name="prompt">The prompt.</param>
/// <param name="number">Its place in the stream.</param>
/// <param name="run">Gives the rows, [n, d].</param>
/// <param name="count">Counts them without a run.</param>
internal sealed class PromptRows(RunInput prompt, int number, Func<RunInput, Tensor> run, Func<RunInput, long> count) : IDisposable
{
    private Tensor? rows;
    private long? counted;

    public RunInput Prompt => prompt;

    public int Number => number;

    public Tensor Rows => rows ??= run(prompt).DetachFromDisposeScope();

    public long Count => counted ??= rows?.shape[0] ?? count(prompt);

    public void Dispose() => rows?.Dispose();
}
