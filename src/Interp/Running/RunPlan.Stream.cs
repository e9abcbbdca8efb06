namespace Interp;

/// <content>Streaming reductions: what is needed of activations, without keeping them.</content>
public sealed partial record RunPlan
{
    /// <summary>Mean and covariance of activations over all tokens, prompts in batches, in float64.</summary>
    /// <param name="units">Sites with axes [batch, pos, ..]; heads or neurons may be narrowed.</param>
    /// <param name="batchSize">Prompts per forward pass.</param>
    /// <param name="covariance">Whether covariances are wanted besides means.</param>
    /// <param name="progress">Receives the number of prompts done.</param>
    /// <param name="cancellation">Ends between two passes; nothing is left behind.</param>
    /// <returns>The moments; the caller disposes them.</returns>
    public StreamedMoments Stream(
        IEnumerable<Unit> units, int batchSize = 16, bool covariance = true, IProgress<int>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(batchSize);
        var plan = this with { Captures = [.. units], LogitPlaces = null };
        var moments = new StreamedMoments(Model);
        try
        {
            for (var start = 0; start < Input.Batch; start += batchSize)
            {
                var part = Input.Slice(start, Math.Min(batchSize, Input.Batch - start));
                ForwardEngine.Run((plan with { Input = part }).Request(new MomentSink(moments, part, covariance), false, cancellation)).Residual?.Dispose();
                progress?.Report(start + part.Batch);
            }
            return moments;
        }
        catch
        {
            moments.Dispose();
            throw;
        }
    }
}
